"""The visits of the sample: held, cancelled, coming, and one in the making."""

from datetime import time

from webapp.demo.story import Story

ACADEMY, SENATE, CANTEEN = "2.14", "Senaatskamer", "Tuinkamer"
THANKS = (
    "U kreeg een beurs dankzij mensen die ’s avonds aan de telefoon werden gevraagd om te geven.",
    "You had a scholarship thanks to people who were asked on the phone, of an evening, to give.",
)
GIVING = ("U geeft al jaren aan het beurzenfonds.", "You have been giving to the scholarship fund for years.")

SEASON = (
    Story(
        day=-46, at=time(16, 0), place=ACADEMY, host="Anna Bakker", teams=("Bellers avond A",), asked=12,
        customers={"Esther de Vries": "yes", "Halima Idrissi": "yes", "Thandiwe Mokoena": "yes", "Ruben Timmer": "no"},
        yes=10, no=1, absent=("Jip van Leeuwen",), answered=(3, 8, 7), reason=THANKS,
    ),
    Story(
        day=-37, at=time(14, 0), place=SENATE, host="Ingrid van Houten", teams=("Beurzenbureau",), asked=13,
        customers={"Emeka Nwosu": "yes", "Corrie Hofstra": "yes", "Hendrik Alberts": "yes", "Margaret Ellis": "nothing"},
        yes=8, no=1, absent=("Hendrik Alberts",), answered=(2, 4, 4), reason=GIVING,
    ),
    Story(
        day=-29, at=time(10, 30), place=ACADEMY, host="Anna Bakker", teams=("Bellers dag B",), asked=11,
        customers={"Elif Güneş": "yes", "Jonas Weber": "yes", "Dewi Santoso": "yes"},
        yes=9, no=0, answered=(3, 8, 5), reason=THANKS,
    ),
    Story(
        day=-12, at=time(15, 0), place=CANTEEN, host="Karim Visser", teams=("ICT",), asked=10,
        customers={"Zoë van der Meer": "yes", "Andrzej Kowalski": "no", "Hodan Warsame": "yes"},
        yes=4, no=3, answered=(2, 3, 0), reason=THANKS,
    ),
    Story(
        day=-1, at=time(9, 30), place=SENATE, host="Anna Bakker", teams=("Leiding",), asked=11,
        customers={"Leila Rahimi": "yes", "Pieter-Bas van Loon": "yes"}, yes=6, no=1, ticked=False, reason=THANKS,
    ),
    Story(
        day=3, at=time(13, 0), place=CANTEEN, host="Karim Visser", teams=("Communicatie",), asked=9,
        customers={"Saskia Brandsma": "yes", "Xin Yi Chen": "nothing"}, yes=4, no=1, cancelled=5,
        why=("De Tuinkamer heeft waterschade.", "The Tuinkamer has water damage."),
    ),
    Story(
        day=5, at=time(11, 0), place="https://vergaderen.uni.example/uit-eerste-hand", host="Karim Visser",
        teams=("Donateursadministratie",), asked=11, customers={"Priya Nair": "yes", "Suleyman Doğan": "yes"},
        yes=5, no=2, seats=8, reason=GIVING,
    ),
    Story(
        day=6, at=time(14, 0), place=CANTEEN, host="Karim Visser", teams=("Beurzenbureau",), asked=10, options=2, places=2,
        customers={"Luca Bianchi": "yes", "Marieke Dijkgraaf": "other", "Ayoub Idrissi": "nothing"}, reason=GIVING,
    ),
    Story(
        day=8, at=time(14, 0), place=ACADEMY, host="Anna Bakker", teams=("Bellers avond B",), asked=17,
        customers={
            "Samira Haddou": "yes", "Łukasz Jansen": "yes", "Mustafa Aksoy": "other", "Lan Nguyễn": "tapped",
            "Stefan Ivanov": "no", "Yara Alhassan": "nothing", "Owen Gallagher": "nothing", "Tyrone Pinas": "nothing",
            "Wilhelmina Pinas": "nothing",
        },
        yes=7, no=1, today=("Łukasz Jansen", "Kwame Mensah", "Zeynep Arslan"), fresh=("Shanti Bissessar", "Kofi Asante"),
        seats=8, places=4, reason=THANKS,
    ),
    Story(
        day=14, at=time(14, 0), place=SENATE, host="Anna Bakker", teams=("Bellers weekend",),
        customers={"Jurre de Groot": "nothing", "Emine Polat": "nothing", "Chloé Lambert": "nothing"}, reason=THANKS,
    ),
)  # fmt: skip
