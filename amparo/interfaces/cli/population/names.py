"""Amparia's names: invented from syllables, with the variety that real registers show."""

from random import Random
from typing import Final

_FEMALE: Final = (
    "Abeni", "Adila", "Alika", "Amara", "Anisa", "Asha", "Belisa", "Bintu", "Celeste", "Chipo",
    "Dalia", "Dorcas", "Efua", "Elena", "Esi", "Fanta", "Farida", "Gisela", "Halima", "Imani",
    "Inés", "Isaura", "Jamila", "Kadija", "Kamala", "Laila", "Lucía", "Mariam", "Meseret", "Nadia",
    "Naomi", "Nirmala", "Olívia", "Penda", "Rahel", "Rosa", "Ruvimbo", "Salomé", "Sokha", "Tesfaye",
    "Thandi", "Valéria", "Wanjiru", "Yara", "Zahra", "Zuri",
)  # fmt: skip
_MALE: Final = (
    "Abdul", "Adão", "Amadou", "André", "Baraka", "Benício", "Chanda", "Cyprien", "Daniel", "Dawit",
    "Elias", "Émile", "Farai", "Félix", "Gabriel", "Hamisi", "Hassan", "Ibrahim", "Idris", "Jabari",
    "João", "Kofi", "Kwame", "Lamine", "Luis", "Malik", "Mateo", "Moses", "Musa", "Nuno",
    "Omar", "Osei", "Paulo", "Rafael", "Rashid", "Samnang", "Samuel", "Sekou", "Tadesse", "Tendai",
    "Thabo", "Vicente", "Yusuf", "Zeca",
)  # fmt: skip
_BEGINNINGS: Final = (
    "Ab", "Ba", "Che", "Da", "Fo", "Ka", "Ki", "Ma", "Mu", "Nde", "No", "O", "Pe", "Sa", "Se", "Ta",
    "Wa", "Za",
)  # fmt: skip
_MIDDLES: Final = ("ba", "che", "di", "go", "ki", "la", "lo", "ma", "ngo", "ra", "si", "tu", "we")
_ENDS: Final = (
    "di",
    "ga",
    "ka",
    "la",
    "mba",
    "nda",
    "ne",
    "ng",
    "ra",
    "ro",
    "sa",
    "to",
    "wa",
    "ye",
)
# A register holds the names of people who write them otherwise.
_OTHER_SCRIPTS: Final = (
    ("فاطمة", "الزهراء"), ("يوسف", "حداد"), ("ሰላም", "ተስፋዬ"), ("ዳዊት", "ኃይሌ"),
    ("សុខា", "ចាន់"), ("មករា", "សុខ"), ("Ελένη", "Μαύρου"), ("Зарина", "Каримова"),
)  # fmt: skip
_PLACES: Final = ("Hill", "Ford", "Market", "Well", "Mill", "Bay", "Cross", "Grove")
_TRADES: Final = (
    ("0119", "Farm"), ("1071", "Bakery"), ("1410", "Garments"), ("4100", "Builders"),
    ("4711", "Store"), ("4922", "Transport"), ("5510", "Hotel"), ("6201", "Software"),
    ("8510", "School"), ("8610", "Clinic"),
)  # fmt: skip

DISTRICTS: Final = (
    "Kora", "Baía Velha", "Highland North", "Highland South", "Lakeside", "Mwali", "Old Port",
    "Plains East", "Plains West", "River Mouth", "Salt Coast", "Tamarind Valley",
)  # fmt: skip


def given_name(random: Random, *, sex: str) -> str:
    names = _FEMALE if sex == "female" else _MALE
    first = names[random.randrange(len(names))]
    if random.randrange(100) < 15:
        second = names[random.randrange(len(names))]
        return first if second == first else f"{first} {second}"
    return first


def family_name(random: Random) -> str:
    parts = _BEGINNINGS, _MIDDLES, _ENDS
    name = "".join(part[random.randrange(len(part))] for part in parts)
    return f"{name}-{family_name(random)}" if random.randrange(100) < 2 else name


def name_in_another_script(random: Random) -> tuple[str, str]:
    return _OTHER_SCRIPTS[random.randrange(len(_OTHER_SCRIPTS))]


def employer_name(random: Random) -> tuple[str, str]:
    """Return an ISIC class and a name."""
    activity, trade = _TRADES[random.randrange(len(_TRADES))]
    return activity, f"{family_name(random)} {_PLACES[random.randrange(len(_PLACES))]} {trade}"


def misspelt(random: Random, name: str) -> str:
    """Return the name as somebody in a hurry types it: a letter dropped, doubled or swapped."""
    if len(name) < 4:
        return name
    place = 1 + random.randrange(len(name) - 2)
    match random.randrange(3):
        case 0:
            return name[:place] + name[place + 1 :]
        case 1:
            return name[:place] + name[place] + name[place:]
        case _:
            return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
