"""What a worker loads (`celery --app tasks.worker worker`): the application of beat, and every task."""

from tasks import MODULES, app

app.conf.include = MODULES
