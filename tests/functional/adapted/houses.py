"""Another table: what made-up houses use to stay warm for a month. Nothing of it is measured."""

import random
from pathlib import Path
from typing import Final

ROWS: Final = 4000
NOISE_KWH: Final = 40.0
HEADER: Final = (
    "house_id,heating,floor_area_m2,window_area_m2,outside_celsius,kind,occupants,age_years,"
    "energy_kwh"
)
_KWH_PER_KWH_OF_HEAT: Final = {"gas": 1.1, "oil": 1.25, "heat pump": 0.35}
_SHARE_OF_WALLS: Final = {"detached": 1.0, "terraced": 0.6}


def write_houses(path: Path, *, seed: int) -> Path:
    """Write rows with a header and return the path; another seed, other houses."""
    drawn = random.Random(seed)
    rows = [HEADER, *(_house(number, drawn) for number in range(ROWS))]
    path.write_text("\n".join(rows) + "\n", encoding="ascii")
    return path


def _house(number: int, drawn: random.Random) -> str:
    heating = drawn.choice([*_KWH_PER_KWH_OF_HEAT])
    kind = drawn.choice([*_SHARE_OF_WALLS])
    floor, age = drawn.randint(50, 220), drawn.randint(0, 90)
    window, outside = round(floor * drawn.uniform(0.1, 0.25), 1), round(drawn.gauss(6, 6), 1)
    occupants = drawn.randint(1, 6)
    walls_m2 = floor * _SHARE_OF_WALLS[kind]
    heat_kwh = max(20 - outside, 0) * (walls_m2 * (0.2 + age / 200) + window * 0.8)
    energy = heat_kwh * _KWH_PER_KWH_OF_HEAT[heating] * 0.7 + 45 * occupants
    label = round(max(energy + drawn.gauss(0, NOISE_KWH), 0), 1)
    return f"H-{number:05},{heating},{floor},{window},{outside},{kind},{occupants},{age},{label}"
