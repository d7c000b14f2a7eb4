"""The rules of dignity, and the guide for who listens: (nl, en), as they stand on pages and in briefs."""

RULES = (
    (
        "Vraag niemand bij wie hier een besluit, klacht of schuld loopt.",
        "Never ask anybody with a decision, complaint or debt pending here.",
    ),
    ("Nee is een volledig antwoord. Vraag niet waarom.", "No is a full answer. Do not ask why."),
    (
        "De verteller kiest wat wordt verteld, ook kritiek. Niemand oefent de inhoud in.",
        "The storyteller chooses what is told, criticism included. Nobody rehearses the content.",
    ),
    ("De verteller mag iemand meenemen.", "The storyteller may bring somebody along."),
    (
        "Spreek vooraf af met welk woord of gebaar de verteller pauzeert. Vraag dan niet door.",
        "Agree beforehand on the word or gesture for a break. Then do not press on.",
    ),
    (
        "De gastgever ontvangt en bedankt; geen praatje over doelen of cijfers.",
        "The host welcomes and thanks; no talk about targets or figures.",
    ),
    ("Geen foto of opname zonder toestemming vooraf.", "No photo or recording without consent beforehand."),
    ("Onkosten betalen we. We kopen geen verhalen.", "We pay expenses. We do not buy stories."),
    (
        "Bel de volgende dag: hoe gaat het? Kom na wat je beloofde.",
        "Phone the next day: how are you? Keep what you promised.",
    ),
)
"""The first is a hard check."""
GUIDE_OPEN = (
    "Fijn dat ik u mag spreken. U bepaalt wat u vertelt. Overslaan en stoppen mag altijd. Ik schrijf mee; u leest het na "
    "voordat een ander het ziet.",
    "I am glad to speak with you. You decide what you tell. You may skip or stop at any time. I take notes; you check them "
    "before anybody else sees them.",
)
ASK_ON = ("Wat zag u toen?", "What did you see then?")
CLOSE = (
    "Wilt u nog iets toevoegen? U krijgt de tekst om na te lezen.",
    "Anything to add? You will have the text to check.",
)
