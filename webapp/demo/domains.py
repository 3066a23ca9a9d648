"""The domains of the demo: how many users each has, and where most of them come from."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.demo.people import DUBLIN, LONDON, PARIS


@dataclass(frozen=True)
class DemoDomain:
    """A domain. `present` counts its live and archived users; `cultures` are keys of CULTURES."""

    name: str
    host: str
    present: int
    deleted: int
    erased: int
    cultures: tuple[str, ...]


DOMAINS = (
    DemoDomain(LONDON, "northwind-london.example", 1600, 320, 60, ("english", "irish", "hindi")),
    DemoDomain(DUBLIN, "northwind-dublin.example", 700, 150, 30, ("irish", "english")),
    DemoDomain(PARIS, "northwind-paris.example", 900, 220, 21, ("french", "arabic")),
    DemoDomain(
        "Northwind Frankfurt", "northwind-frankfurt.example", 800, 200, 21, ("german", "turkish")
    ),
    DemoDomain("Northwind Madrid", "northwind-madrid.example", 600, 160, 21, ("spanish",)),
    DemoDomain(
        "Northwind Warsaw", "northwind-warsaw.example", 600, 150, 21, ("polish", "ukrainian")
    ),
    DemoDomain(
        "Northwind Istanbul", "northwind-istanbul.example", 600, 150, 21, ("turkish", "greek")
    ),
    DemoDomain(
        "Northwind Tel Aviv",
        "northwind-telaviv.example",
        500,
        120,
        21,
        ("hebrew", "russian", "arabic"),
    ),
    DemoDomain("Northwind Mumbai", "northwind-mumbai.example", 600, 170, 21, ("hindi",)),
    DemoDomain("Northwind Tokyo", "northwind-tokyo.example", 500, 140, 21, ("japanese",)),
    DemoDomain("Northwind Seoul", "northwind-seoul.example", 400, 120, 21, ("korean", "chinese")),
    DemoDomain("Northwind Hanoi", "northwind-hanoi.example", 200, 100, 21, ("vietnamese",)),
)
