"""The few curves the art is made of, as lists of points on a plane where 1 is their radius."""

import math
from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]

_OVERLAP = 1.2


def polar(angle: float, radius: float) -> Point:
    """The point at `angle` (radians, clockwise from the right) and `radius`."""
    return radius * math.cos(angle), radius * math.sin(angle)


@cache
def seal(scallops: int, turn: float = 0.0) -> tuple[Point, ...]:
    """The edge of a notary's seal: `scallops` round bumps that reach out to radius 1."""
    # Each bump is a circle of radius `bump` around a centre `inner` away; neighbours overlap a little.
    half = math.pi / scallops
    bump = _OVERLAP * math.sin(half) / (1 + _OVERLAP * math.sin(half))
    inner = 1 - bump
    edge = []
    for step in range(-scallops * 8, scallops * 8):
        aside = half * ((step % 16) / 8 - 1)
        radius = inner * math.cos(aside) + math.sqrt(bump**2 - (inner * math.sin(aside)) ** 2)
        edge.append(polar(turn + half * step / 8, radius))
    return tuple(edge)


def star(rays: int, inner: float, turn: float = -math.pi / 2) -> list[Point]:
    """A star with `rays` points at radius 1; `inner` is the radius between them."""
    return [
        polar(turn + math.pi * corner / rays, 1.0 if corner % 2 == 0 else inner) for corner in range(2 * rays)
    ]


def rosette(petals: int, swing: float, turn: float, steps: int = 720) -> list[Point]:
    """One closed line of a guilloche, as on banknotes: radius 1 swinging `petals` times by `swing`."""
    line = []
    for step in range(steps + 1):
        angle = 2 * math.pi * step / steps
        line.append(polar(angle, 1 - swing * (1 - math.sin(petals * angle + turn)) / 2))
    return line


def arc(radius: float, start: float, end: float, steps: int = 96) -> list[Point]:
    """Part of a circle around the origin, from angle `start` to `end` (radians)."""
    return [polar(start + (end - start) * step / steps, radius) for step in range(steps + 1)]


def bezier(start: Point, one: Point, two: Point, end: Point, steps: int = 32) -> list[Point]:
    """A cubic Bézier curve as `steps` + 1 points."""
    curve = []
    for step in range(steps + 1):
        t = step / steps
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        x = a * start[0] + b * one[0] + c * two[0] + d * end[0]
        y = a * start[1] + b * one[1] + c * two[1] + d * end[1]
        curve.append((x, y))
    return curve


def moved(points: Sequence[Point], by: Point, scale: float = 1.0) -> list[Point]:
    """`points` scaled around the origin and then moved."""
    return [(by[0] + x * scale, by[1] + y * scale) for x, y in points]


def mirrored(points: Sequence[Point]) -> list[Point]:
    """`points` with left and right exchanged."""
    return [(-x, y) for x, y in points]


def turned(points: Sequence[Point], angle: float) -> list[Point]:
    """`points` turned around the origin by `angle` (radians, clockwise)."""
    cos, sin = math.cos(angle), math.sin(angle)
    return [(x * cos - y * sin, x * sin + y * cos) for x, y in points]
