"""Abstract illustrations for the demo content, drawn from nothing but a name.

The demo needs a picture for each page, but photographs would bring licences, weight and the faces of real people into
the repository. So each picture is drawn when the demo is loaded: a calm landscape in the colors of a health brand, with
one motif that the words in the name choose (``"back-pain-spine"`` gets a spine, ``"insomnia"`` a moon). All variation
comes from SHA-256 of the name, so the same name gives the same picture on every machine; no fonts, files or network
are needed.

Motifs draw in design units: a picture is 900 units high, and as wide as its proportions make it. Everything is drawn at
twice the final size and then reduced, which is what makes the edges smooth.
"""

import hashlib
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageOps

Point = tuple[float, float]
Color = tuple[int, int, int]

DESIGN_HEIGHT = 900
OVERSAMPLING = 2
JPEG_QUALITY = 88

CREAM: Color = (251, 246, 236)
SAND: Color = (236, 220, 194)
PEACH: Color = (249, 211, 186)
CORAL: Color = (236, 124, 103)
ROSE: Color = (206, 94, 84)
GOLD: Color = (242, 192, 120)
MIST: Color = (208, 230, 224)
SEA: Color = (132, 188, 178)
TEAL: Color = (31, 122, 120)
FOREST: Color = (24, 77, 69)
NIGHT: Color = (15, 45, 54)
SAGE: Color = (168, 197, 170)


@dataclass(frozen=True)
class _Palette:
    """Colors of one picture: sky from top to bottom, sun, hills from far to near, and one color that stands out."""

    sky_top: Color
    sky_bottom: Color
    sun: Color
    far: Color
    near: Color
    accent: Color


DAYS = (
    _Palette(MIST, CREAM, GOLD, SEA, FOREST, CORAL),
    _Palette(PEACH, CREAM, CORAL, SAGE, TEAL, ROSE),
    _Palette(CREAM, PEACH, (245, 160, 130), (190, 208, 186), FOREST, TEAL),
    _Palette((190, 224, 220), (252, 236, 218), (247, 172, 140), (120, 178, 172), (22, 92, 92), CORAL),
)
NIGHTFALL = _Palette(NIGHT, (70, 134, 138), CREAM, (58, 116, 120), (11, 38, 44), PEACH)


class _Dice:
    """A stream of numbers that depends on the name only (``random`` may change between Python versions)."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0

    def between(self, low: float, high: float) -> float:
        """The next number, ``low`` to ``high``."""
        self._count += 1
        digest = hashlib.sha256(f"{self._name}/{self._count}".encode()).digest()
        return low + (high - low) * int.from_bytes(digest[:6], "big") / 2**48

    def index(self, length: int) -> int:
        """The next position in a sequence of ``length``."""
        return min(int(self.between(0, length)), length - 1)


def _mix(start: Color, end: Color, share: float) -> Color:
    """The color at ``share`` (0 to 1) of the way from ``start`` to ``end``."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return red, green, blue


def _curve(start: Point, control: Point, end: Point, *, steps: int = 40) -> list[Point]:
    """Points of a quadratic Bezier curve."""
    shares = [step / steps for step in range(steps + 1)]
    return [
        (
            (1 - t) ** 2 * start[0] + 2 * (1 - t) * t * control[0] + t**2 * end[0],
            (1 - t) ** 2 * start[1] + 2 * (1 - t) * t * control[1] + t**2 * end[1],
        )
        for t in shares
    ]


def _arc(x: float, y: float, radius: float, start: float, end: float, *, steps: int = 60) -> list[Point]:
    """Points of an arc; angles in degrees, clockwise from three o'clock."""
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles]


class _Canvas:
    """An image under construction; all coordinates and sizes are design units."""

    def __init__(self, width_pixels: int, height_pixels: int) -> None:
        self.scale = OVERSAMPLING * height_pixels / DESIGN_HEIGHT
        self.width = width_pixels / height_pixels * DESIGN_HEIGHT
        self.height = float(DESIGN_HEIGHT)
        self._size = (width_pixels, height_pixels)
        self._image = Image.new("RGB", (width_pixels * OVERSAMPLING, height_pixels * OVERSAMPLING))
        self._pen = ImageDraw.Draw(self._image, "RGBA")

    def _pixels(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self.scale, y * self.scale) for x, y in points]

    def disc(self, x: float, y: float, radius: float, color: Color, alpha: int = 255) -> None:
        """A filled circle."""
        box = self._pixels([(x - radius, y - radius), (x + radius, y + radius)])
        self._pen.ellipse(box, fill=(*color, alpha))

    def ring(self, x: float, y: float, radius: float, color: Color, thickness: float, alpha: int = 255) -> None:
        """A circle's outline."""
        box = self._pixels([(x - radius, y - radius), (x + radius, y + radius)])
        self._pen.ellipse(box, outline=(*color, alpha), width=max(1, round(thickness * self.scale)))

    def shape(self, points: Sequence[Point], color: Color, alpha: int = 255) -> None:
        """A filled outline."""
        self._pen.polygon(self._pixels(points), fill=(*color, alpha))

    def stroke(self, points: Sequence[Point], color: Color, thickness: float) -> None:
        """A line with round ends."""
        width = max(1, round(thickness * self.scale))
        self._pen.line(self._pixels(points), fill=color, width=width, joint="curve")
        if width > 2:
            for x, y in (points[0], points[-1]):
                self.disc(x, y, thickness / 2, color)

    def shaded(self, points: Sequence[Point], top: Color, bottom: Color) -> None:
        """A filled outline whose color runs from ``top`` to ``bottom``."""
        outline = self._pixels(points)
        left = max(0, math.floor(min(x for x, _ in outline)))
        upper = max(0, math.floor(min(y for _, y in outline)))
        right = min(self._image.width, math.ceil(max(x for x, _ in outline)) + 1)
        lower = min(self._image.height, math.ceil(max(y for _, y in outline)) + 1)
        if right <= left or lower <= upper:
            return
        size = (right - left, lower - upper)
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon([(x - left, y - upper) for x, y in outline], fill=255)
        ramp = Image.linear_gradient("L").resize((1, size[1]), Image.Resampling.BILINEAR)
        colors = ImageOps.colorize(ramp, top, bottom).resize(size, Image.Resampling.NEAREST)
        self._image.paste(colors, (left, upper), mask)

    def glow(self, x: float, y: float, radius: float, color: Color, strength: float) -> None:
        """Soft light that fades out at ``radius``; ``strength`` 0 to 1."""
        side = max(2, round(2 * radius * self.scale))
        light = Image.radial_gradient("L").point([round(max(0, 1 - v / 180) ** 2 * 255 * strength) for v in range(256)])
        mask = light.resize((side, side), Image.Resampling.BILINEAR)
        self._image.paste(color, (round((x - radius) * self.scale), round((y - radius) * self.scale)), mask)

    def jpeg(self) -> bytes:
        """The finished picture at its final size."""
        reduced = self._image.reduce(OVERSAMPLING).resize(self._size)
        buffer = io.BytesIO()
        reduced.save(buffer, "JPEG", quality=JPEG_QUALITY, optimize=True)
        return buffer.getvalue()


@dataclass(frozen=True)
class _Scene:
    """What a motif draws with."""

    canvas: _Canvas
    colors: _Palette
    dice: _Dice

    @property
    def middle(self) -> float:
        """The x of the picture's middle."""
        return self.canvas.width / 2


def _sky(scene: _Scene) -> None:
    canvas, colors = scene.canvas, scene.colors
    corners = [(0, 0), (canvas.width, 0), (canvas.width, canvas.height), (0, canvas.height)]
    canvas.shaded(corners, colors.sky_top, colors.sky_bottom)


def _sun(scene: _Scene, x: float, y: float, radius: float) -> None:
    canvas, colors = scene.canvas, scene.colors
    canvas.glow(x, y, radius * 3.4, _mix(colors.sun, CREAM, 0.35), 0.75)
    for share, alpha in ((1.75, 34), (1.38, 52)):
        canvas.disc(x, y, radius * share, _mix(colors.sun, CREAM, 0.4), alpha)
    canvas.shaded(_arc(x, y, radius, 0, 360, steps=120), _mix(colors.sun, CREAM, 0.35), colors.sun)


def _ridge(scene: _Scene, level: float, swing: float) -> list[Point]:
    """A rolling outline around the height ``level``, from the left edge to the right."""
    dice, width = scene.dice, scene.canvas.width
    waves = [
        (swing / (1.2 * n), width / (0.75 * n + dice.between(0.1, 0.6)), dice.between(0, math.tau)) for n in (1, 2, 3)
    ]
    steps = 90
    return [
        (x, level + sum(size * math.sin(math.tau * x / length + phase) for size, length, phase in waves))
        for x in (width * step / steps for step in range(steps + 1))
    ]


def _hills(scene: _Scene, *, top: float, layers: int = 4, swing: float = 46) -> None:
    """Layered hills down to the lower edge; nearer ones are darker."""
    canvas, colors = scene.canvas, scene.colors
    for layer in range(layers):
        share = layer / (layers - 1)
        ridge = _ridge(scene, top + (canvas.height - 70 - top) * share**1.15, swing * (1 - 0.35 * share))
        tone = _mix(_mix(colors.far, colors.sky_bottom, 0.45), colors.near, share)
        outline = [*ridge, (canvas.width, canvas.height), (0, canvas.height)]
        canvas.shaded(outline, _mix(tone, colors.sky_bottom, 0.12), _mix(tone, colors.near, 0.35))


def _leaf(scene: _Scene, base: Point, tip: Point, fatness: float, tone: Color) -> None:
    """One leaf with a lit and a shaded half, a midrib and side veins."""
    canvas = scene.canvas
    dx, dy = tip[0] - base[0], tip[1] - base[1]
    bend = scene.dice.between(-0.16, 0.16)
    spine = _curve(base, (base[0] + dx / 2 - dy * bend, base[1] + dy / 2 + dx * bend), tip)
    length = math.hypot(dx, dy)
    normal = (-dy / length, dx / length)
    halves: list[list[Point]] = [[], []]
    for step, (x, y) in enumerate(spine):
        t = step / (len(spine) - 1)
        half_width = length * fatness * math.sin(math.pi * t**0.8) ** 0.9 * (1 - 0.25 * t)
        halves[0].append((x + normal[0] * half_width, y + normal[1] * half_width))
        halves[1].append((x - normal[0] * half_width, y - normal[1] * half_width))
    for half, color in zip(halves, (_mix(tone, CREAM, 0.16), _mix(tone, NIGHT, 0.1)), strict=True):
        canvas.shape([*spine, *reversed(half)], color)
    vein = _mix(tone, CREAM, 0.42)
    for step in range(6, 34, 4):
        for half in halves:
            canvas.stroke([spine[step], half[min(step + 5, 40)]], vein, 1.6)
    canvas.stroke(spine, vein, 3.4)


def _draw_leaves(scene: _Scene) -> None:
    canvas, colors, dice = scene.canvas, scene.colors, scene.dice
    _sky(scene)
    _sun(scene, scene.middle + dice.between(-60, 220), dice.between(280, 360), dice.between(90, 125))
    _hills(scene, top=610, layers=3)
    tones = (colors.near, SEA, TEAL, colors.accent, SAGE, FOREST)
    for side in (0, 1):
        foot = (scene.middle + (-1, 1)[side] * canvas.width * 0.27, canvas.height + 50)
        for number in range(6):
            lean = math.radians(-150 + 24 * number + dice.between(-6, 6))
            reach = dice.between(470, 640) * (1.08 if number in {2, 3} else 0.84)
            start = (foot[0] + math.cos(lean) * 40, foot[1] + math.sin(lean) * 40)
            tip = (foot[0] + math.cos(lean) * reach, foot[1] + math.sin(lean) * reach)
            _leaf(scene, start, tip, dice.between(0.13, 0.18), tones[(number + 3 * side) % len(tones)])
    for _ in range(26):
        size = dice.between(3, 9)
        canvas.disc(
            dice.between(0.2, 0.8) * canvas.width, dice.between(80, 520), size, _mix(colors.sun, CREAM, 0.3), 170
        )


def _draw_sunrise(scene: _Scene) -> None:
    canvas, dice = scene.canvas, scene.dice
    _sky(scene)
    x, y = scene.middle + dice.between(-180, 180), dice.between(395, 440)
    for radius in range(210, 760, 70):
        canvas.ring(x, y, radius, _mix(scene.colors.sun, CREAM, 0.45), 2.5, 90)
    _sun(scene, x, y, dice.between(125, 155))
    _hills(scene, top=520, layers=5)


def _draw_moon(scene: _Scene) -> None:
    canvas, dice = scene.canvas, scene.dice
    night = _Scene(canvas, NIGHTFALL, dice)
    _sky(night)
    for _ in range(70):
        x, y = dice.between(0, canvas.width), dice.between(0, 560)
        canvas.disc(x, y, dice.between(1.2, 3.6), CREAM, round(dice.between(90, 220)))
    x, y, radius = scene.middle + dice.between(-170, 170), dice.between(275, 330), dice.between(125, 150)
    canvas.glow(x, y, radius * 3.6, (176, 214, 206), 0.6)
    canvas.shaded(_arc(x, y, radius, 0, 360, steps=120), CREAM, (240, 222, 190))
    for share, angle, size in ((0.45, 200, 0.2), (0.5, 320, 0.13), (0.3, 60, 0.24), (0.7, 110, 0.1), (0.66, 20, 0.12)):
        crater = (
            x + radius * share * math.cos(math.radians(angle)),
            y + radius * share * math.sin(math.radians(angle)),
        )
        canvas.disc(*crater, radius * size, (224, 205, 172), 120)
    _hills(night, top=560, layers=5, swing=52)


def _draw_waves(scene: _Scene) -> None:
    canvas, colors, dice = scene.canvas, scene.colors, scene.dice
    _sky(scene)
    _sun(scene, scene.middle + dice.between(-240, 240), dice.between(230, 290), dice.between(95, 120))
    tones = (_mix(colors.far, CREAM, 0.5), colors.far, colors.accent, SEA, TEAL, colors.near)
    for number, tone in enumerate(tones):
        ridge = _ridge(scene, 430 + 82 * number, 62)
        canvas.shaded([*ridge, (canvas.width, 900), (0, 900)], _mix(tone, CREAM, 0.12), _mix(tone, colors.near, 0.25))
        for line in (1, 2, 3):
            shifted = [(x, y + line * (15 + 0.02 * x * math.sin(x / 300 + number))) for x, y in ridge]
            canvas.stroke(shifted, _mix(tone, CREAM, 0.34 - 0.07 * line), 2.4)


def _draw_spine(scene: _Scene) -> None:
    canvas, dice = scene.canvas, scene.dice
    _sky(scene)
    _hills(scene, top=560, layers=4)
    turn = dice.between(0.85, 1.15) * (1 if dice.between(0, 1) < 0.5 else -1)
    first, middle, last = ((ROSE, CORAL, GOLD), (FOREST, TEAL, SEA), (TEAL, SEA, GOLD))[dice.index(3)]
    canvas.glow(scene.middle, 440, 520, CREAM, 0.75)
    canvas.disc(scene.middle, 440, 372, CREAM, 130)
    canvas.ring(scene.middle, 440, 402, CREAM, 3, 170)

    def place(t: float) -> Point:
        return scene.middle + turn * 58 * math.sin(math.tau * t * 1.02 - 0.5), 96 + 690 * t

    count = 15
    canvas.stroke([place(step / 80) for step in range(81)], _mix(first, CREAM, 0.5), 13)
    for number in range(count):
        t = (number + 0.5) / count
        x, y = place(t)
        ahead, behind = place(t + 0.01), place(t - 0.01)
        tilt = (math.atan2(ahead[1] - behind[1], ahead[0] - behind[0]) - math.pi / 2) * 0.8
        half, thickness = 32 + 36 * t, 24 + 9 * t
        tone = _mix(first, middle, 2 * t) if t < 0.5 else _mix(middle, last, 2 * t - 1)
        along = (math.cos(tilt), math.sin(tilt))
        for sign in (-1, 1):
            joint = (x + sign * along[0] * half * 0.9, y + sign * along[1] * half * 0.9)
            wing = (x + sign * along[0] * half * 1.62, y + sign * along[1] * half * 1.62 + 7)
            canvas.stroke([joint, wing], _mix(tone, CREAM, 0.4), thickness * 0.42)
        ends = [(x + sign * along[0] * half * 0.62, y + sign * along[1] * half * 0.62) for sign in (-1, 1)]
        canvas.stroke(ends, tone, thickness)
        canvas.stroke([(px, py - thickness * 0.2) for px, py in ends], _mix(tone, CREAM, 0.34), thickness * 0.2)


def _draw_joints(scene: _Scene) -> None:
    canvas, colors, dice = scene.canvas, scene.colors, scene.dice
    _sky(scene)
    _hills(scene, top=600, layers=4)
    count = 6
    spots: list[tuple[float, float, float]] = []
    for number in range(count):
        x = canvas.width * (0.14 + 0.72 * number / (count - 1))
        spots.append((x, 370 + (-1) ** number * dice.between(40, 105), dice.between(78, 128)))
    link = _mix(colors.near, CREAM, 0.15)
    canvas.stroke([(x, y) for x, y, _ in spots], link, 20)
    tones = (CORAL, SEA, GOLD, TEAL, PEACH, SAGE)
    first = dice.index(len(tones))
    for number, (x, y, radius) in enumerate(spots):
        tone = tones[(number + first) % len(tones)]
        canvas.disc(x, y, radius * 1.32, tone, 70)
        canvas.shaded(_arc(x, y, radius, 0, 360, steps=90), _mix(tone, CREAM, 0.28), tone)
        canvas.disc(x, y, radius * 0.52, CREAM, 110)
        canvas.disc(x, y, radius * 0.2, link)


def _draw_nerves(scene: _Scene) -> None:
    canvas, colors, dice = scene.canvas, scene.colors, scene.dice
    _sky(scene)
    _hills(scene, top=640, layers=3)
    canvas.glow(scene.middle, 400, 560, CREAM, 0.7)

    tones = (colors.near, _mix(colors.near, TEAL, 0.6), TEAL, _mix(TEAL, SEA, 0.6), CORAL)

    def branch(start: Point, angle: float, length: float, thickness: float, depth: int) -> None:
        lean = dice.between(-0.35, 0.35)
        end = (start[0] + math.cos(angle) * length, start[1] + math.sin(angle) * length)
        control = (start[0] + math.cos(angle + lean) * length * 0.6, start[1] + math.sin(angle + lean) * length * 0.6)
        canvas.stroke(_curve(start, control, end, steps=16), tones[depth], thickness)
        if depth == 4:
            canvas.disc(*end, 17, CORAL, 60)
            canvas.disc(*end, 8, CORAL if dice.between(0, 1) < 0.6 else GOLD)
            return
        for turn in (-0.5, 0.42):
            heading = angle + turn * dice.between(0.7, 1.25)
            branch(end, heading, length * dice.between(0.66, 0.82), thickness * 0.66, depth + 1)

    for angle in (-2.3, -1.57, -0.85):
        branch((scene.middle, 905), angle, dice.between(225, 255), 26, 0)


def _draw_rings(scene: _Scene) -> None:
    canvas, dice = scene.canvas, scene.dice
    _sky(scene)
    x, y = scene.middle + dice.between(-130, 130), dice.between(390, 430)
    orders = (
        (TEAL, SEA, SAGE, GOLD, PEACH, CORAL),
        (CORAL, PEACH, GOLD, SAGE, SEA, TEAL),
        (SEA, MIST, PEACH, CORAL, GOLD, TEAL),
    )
    tones = orders[dice.index(len(orders))]
    for number, tone in enumerate(tones):
        radius = 455 - 66 * number
        canvas.disc(x, y, radius, _mix(tone, CREAM, 0.42), 235)
        teeth = 28 + 2 * number
        zigzag = []
        for tooth in range(2 * teeth + 1):
            angle, reach = math.pi * tooth / teeth + number, radius - 26 + 9 * (-1) ** tooth
            zigzag.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
        if number % 2 == 0:
            canvas.stroke(zigzag, _mix(tone, CREAM, 0.0 if number < 3 else 0.1), 5)
        else:
            canvas.ring(x, y, radius - 26, _mix(tone, CREAM, 0.1), 4)
    canvas.glow(x, y, 190, CREAM, 0.9)
    canvas.disc(x, y, 56, CREAM)
    _hills(scene, top=690, layers=3, swing=36)


def _draw_needles(scene: _Scene) -> None:
    canvas, colors, dice = scene.canvas, scene.colors, scene.dice
    _sky(scene)
    _sun(scene, scene.middle + dice.between(-200, 200), dice.between(300, 350), dice.between(120, 150))
    _hills(scene, top=600, layers=3)
    count = 9
    tips = (CORAL, TEAL, GOLD, ROSE)
    shaft = _mix(colors.near, CREAM, 0.12)
    for number in range(count):
        x = scene.middle + (number - (count - 1) / 2) * canvas.width * 0.068
        rise = math.sin(math.pi * (number + 1) / (count + 1))
        foot = (x, 742 + 30 * rise + dice.between(-12, 12))
        lean = (number - (count - 1) / 2) * 0.035 + dice.between(-0.015, 0.015)
        length = 350 + 200 * rise + dice.between(-40, 40)

        def along(share: float, foot: Point = foot, lean: float = lean, length: float = length) -> Point:
            return foot[0] + math.sin(lean) * length * share, foot[1] - math.cos(lean) * length * share

        for radius in (58, 36):
            canvas.shape([(px, foot[1] + (py - foot[1]) * 0.3) for px, py in _arc(*foot, radius, 0, 360)], CREAM, 60)
        tone = tips[(number + dice.index(2)) % len(tips)]
        canvas.stroke([along(0), along(1)], shaft, 3.2)
        canvas.stroke([along(0.66), along(0.97)], tone, 11)
        for notch in range(9):
            turn = 0.675 + 0.035 * notch
            canvas.stroke([along(turn), along(turn + 0.012)], _mix(tone, CREAM, 0.45), 8)
        canvas.ring(*along(1.0), 10, tone, 4)


def _draw_stones(scene: _Scene) -> None:
    canvas, colors, dice = scene.canvas, scene.colors, scene.dice
    _sky(scene)
    _sun(scene, scene.middle + dice.between(180, 330), dice.between(210, 260), dice.between(80, 105))
    _hills(scene, top=520, layers=3, swing=40)
    water = [(0, 690), (canvas.width, 690), (canvas.width, 900), (0, 900)]
    canvas.shaded(water, _mix(SEA, CREAM, 0.35), _mix(colors.near, SEA, 0.4))
    for number in range(6):
        ripple = [
            (x, 790 + (y - 790) * 0.125) for x, y in _arc(scene.middle, 790, 260 + 95 * number, 0, 360, steps=120)
        ]
        canvas.stroke(ripple, _mix(SEA, CREAM, 0.55 - 0.06 * number), 3)
    tones = (FOREST, SAND, TEAL, _mix(CORAL, SAND, 0.25), SAGE)
    floor, first = 800.0, dice.index(2)
    for number in range(5):
        half_width, half_height = 205 - 34 * number, 62 - 6 * number
        x, y = scene.middle + dice.between(-18, 18), floor - half_height
        tone = tones[(number + first) % len(tones)]
        outline = []
        for step in range(100):
            cosine, sine = math.cos(math.tau * step / 100), math.sin(math.tau * step / 100)
            outline.append(
                (
                    x + half_width * math.copysign(abs(cosine) ** 0.86, cosine),
                    y + half_height * math.copysign(abs(sine) ** 0.86, sine),
                )
            )
        canvas.shaded(outline, _mix(tone, CREAM, 0.3), _mix(tone, NIGHT, 0.12))
        floor -= 2 * half_height - 7


def _draw_bloom(scene: _Scene) -> None:
    canvas, colors, dice = scene.canvas, scene.colors, scene.dice
    _sky(scene)
    canvas.glow(scene.middle, 420, 620, CREAM, 0.8)
    _hills(scene, top=650, layers=3)
    pairs = ((-0.16, 400, 1.0, CORAL), (0.17, 360, 0.86, TEAL), (0.01, 590, 0.5, GOLD))
    for shift, y, size, tone in pairs:
        x, turn = scene.middle + shift * canvas.width, dice.between(0, math.tau)
        stem = _curve((x, y), (x + shift * 90, y + 250), (scene.middle + shift * 260, 900))
        canvas.stroke(stem, _mix(colors.near, TEAL, 0.3), 9 * size + 4)
        for reach, share in ((230, 0.0), (170, 0.28), (112, 0.52)):
            petals = 9 if share == 0 else 7
            for petal in range(petals):
                angle = turn + math.tau * petal / petals + share
                side = (math.cos(angle + math.pi / 2), math.sin(angle + math.pi / 2))
                tip = (x + math.cos(angle) * reach * size, y + math.sin(angle) * reach * size)
                belly = (x + math.cos(angle) * reach * size * 0.66, y + math.sin(angle) * reach * size * 0.66)
                fat = reach * size * 0.55
                left = _curve((x, y), (belly[0] + side[0] * fat, belly[1] + side[1] * fat), tip, steps=24)
                right = _curve(tip, (belly[0] - side[0] * fat, belly[1] - side[1] * fat), (x, y), steps=24)
                canvas.shape([*left, *right], _mix(tone, CREAM, 0.2 + share * 0.7), 175)
        canvas.disc(x, y, 34 * size, _mix(GOLD, CREAM, 0.15))
        for dot in range(10):
            canvas.disc(
                x + 24 * size * math.cos(dot * 0.63),
                y + 24 * size * math.sin(dot * 0.63),
                4.5 * size,
                _mix(tone, ROSE, 0.4),
            )


def _draw_paper(scene: _Scene) -> None:
    canvas, colors, dice = scene.canvas, scene.colors, scene.dice
    _sky(scene)
    _sun(scene, scene.middle + dice.between(200, 300), 260, 95)
    _hills(scene, top=590, layers=4)
    sheets = (
        ((-0.3, SEA), (-0.15, CORAL), (0.0, CREAM), (0.15, GOLD))
        if dice.between(0, 1) < 0.5
        else ((-0.24, GOLD), (-0.1, TEAL), (0.04, CREAM), (0.19, SAGE))
    )
    for order in (0, 3, 1, 2):
        angle, tone = sheets[order]
        foot = (scene.middle, 1010.0)

        def place(x: float, y: float, angle: float = angle, foot: Point = foot) -> Point:
            turned = (x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle))
            return foot[0] + turned[0], foot[1] + turned[1]

        corners = ((155, -290, 0), (-155, -290, 90), (-155, -790, 180), (155, -790, 270))
        outline = [
            place(*point)
            for x, y, start in corners
            for point in _arc(
                math.copysign(abs(x) - 34, x), y + (-34 if start < 180 else 34), 34, start, start + 90, steps=12
            )
        ]
        canvas.shape([(x + 9, y + 12) for x, y in outline], NIGHT, 36)
        canvas.shape(outline, _mix(tone, CREAM, 0.2))
        ink = _mix(tone, colors.near, 0.28)
        canvas.stroke([place(-100, -710), place(30, -710)], ink, 17)
        for line in range(6):
            end = 100 if line % 3 != 2 else 20
            canvas.stroke([place(-100, -650 + 48 * line), place(end, -650 + 48 * line)], _mix(ink, tone, 0.35), 8)


def _draw_portrait(scene: _Scene) -> None:
    canvas, dice = scene.canvas, scene.dice
    grounds = ((MIST, SEA), (PEACH, CORAL), (SAND, GOLD), (MIST, TEAL))
    pale, strong = grounds[dice.index(len(grounds))]
    style = ("long", "bun", "short", "beard", "curly")[dice.index(5)]
    skin = ((244, 209, 180), (222, 172, 132), (176, 120, 86), (128, 84, 62))[dice.index(4)]
    hair = ((58, 42, 40), (106, 66, 46), (44, 58, 62), (168, 152, 140), (150, 86, 58))[dice.index(5)]
    cloth = (FOREST, TEAL, ROSE, NIGHT, (66, 110, 120))[dice.index(5)]
    scene = _Scene(
        canvas, _Palette(_mix(pale, CREAM, 0.3), CREAM, strong, _mix(strong, CREAM, 0.4), strong, strong), dice
    )
    _sky(scene)
    _hills(scene, top=640, layers=3, swing=40)
    x, y = scene.middle, 440.0
    canvas.disc(x, y, 425, CREAM, 120)
    canvas.shaded(_arc(x, y, 385, 0, 360, steps=160), _mix(strong, CREAM, 0.55), _mix(strong, CREAM, 0.2))
    long_hair = [*_arc(x, 375, 158, 180, 360), (x + 172, 590), (x + 96, 640), (x - 96, 640), (x - 172, 590)]
    if style == "long":
        canvas.shape(long_hair, _mix(hair, NIGHT, 0.25))
    elif style == "bun":
        canvas.disc(x + 6, 212, 62, _mix(hair, NIGHT, 0.15))
    elif style == "curly":
        for angle in range(150, 391, 20):
            canvas.disc(x + 122 * math.cos(math.radians(angle)), 350 + 118 * math.sin(math.radians(angle)), 52, hair)
    shoulders = [
        *_curve((x - 290, 790), (x - 280, 610), (x - 96, 592)),
        *_curve((x + 96, 592), (x + 280, 610), (x + 290, 790)),
    ]
    limit = [point for point in _arc(x, y, 385, 0, 180, steps=160) if point[1] > 560]
    clipped = [(px, min(py, y + math.sqrt(max(0.0, 385**2 - (px - x) ** 2)))) for px, py in shoulders]
    canvas.shaded([*clipped, *[point for point in limit if abs(point[0] - x) < 289]], _mix(cloth, CREAM, 0.1), cloth)
    canvas.shaded([(x - 52, 470), (x + 52, 470), (x + 62, 600), (x, 650), (x - 62, 600)], _mix(skin, NIGHT, 0.16), skin)
    collar = _mix(cloth, CREAM, 0.75)
    for sign in (-1, 1):
        canvas.shape([(x + sign * 58, 578), (x + sign * 112, 604), (x + sign * 22, 716), (x, 650)], collar)
    face = [(px, 390 + (py - 390) * 1.2) for px, py in _arc(x, 390, 122, 0, 360, steps=120)]
    canvas.shaded(face, _mix(skin, CREAM, 0.14), skin)
    if style == "beard":
        beard = [*_arc(x, 400, 123, 12, 168), *_curve((x - 112, 420), (x, 520), (x + 112, 420))]
        canvas.shape([(px, 390 + (py - 390) * 1.19) for px, py in beard], _mix(hair, skin, 0.12))
    part = dice.between(-50, 50)
    fringe = [*_arc(x, 372, 142, 176, 364, steps=80), *_curve((x + 126, 395), (x + 96, 300), (x + part, 292))]
    canvas.shape([*fringe, *_curve((x + part, 292), (x - 100, 300), (x - 126, 395))], hair)
    shine = _curve((x - 88, 292), (x - 40, 246), (x + 34, 246))
    canvas.stroke(shine, _mix(hair, CREAM, 0.22), 7)


# The first row whose words occur in the name wins, so people and night come before the broad words.
MOTIFS: tuple[tuple[tuple[str, ...], Callable[[_Scene], None]], ...] = (
    (
        ("person", "portrait", "exampleton", "placeholder", "sampleworth", "testwell", "mockridge", "draftly"),
        _draw_portrait,
    ),
    (("insomnia", "sleep", "moon", "night"), _draw_moon),
    (("spine", "spinal", "back", "chiropract"), _draw_spine),
    (("joint", "fibromyalgia", "knee"), _draw_joints),
    (("nerve", "neur"), _draw_nerves),
    (("migraine", "headache", "rings", "acne"), _draw_rings),
    (("massage", "stone"), _draw_stones),
    (("wave", "stress", "meniere"), _draw_waves),
    (("fertil", "conceive", "womens", "bloom"), _draw_bloom),
    (("leaf", "allerg", "living", "smok", "tobacco", "obesity"), _draw_leaves),
    (("paper", "policy", "privacy", "editorial"), _draw_paper),
    (("needle", "acupuncture"), _draw_needles),
    (("sun", "depress", "mood", "home", "hills"), _draw_sunrise),
)
FALLBACKS = (_draw_sunrise, _draw_waves, _draw_leaves)


def draw(name: str, *, width: int = 1600, height: int = 900) -> bytes:
    """A JPEG of ``width`` by ``height`` pixels for ``name``: same name, same bytes (for one version of Pillow).

    The first row of ``MOTIFS`` with a word that occurs in the name chooses the motif. A name without such a word gets
    one of ``FALLBACKS``, chosen by its digest.
    """
    dice = _Dice(name)
    words = name.lower()
    fallback = FALLBACKS[dice.index(len(FALLBACKS))]
    motif = next((paint for keys, paint in MOTIFS if any(key in words for key in keys)), fallback)
    canvas = _Canvas(width, height)
    motif(_Scene(canvas, DAYS[dice.index(len(DAYS))], dice))
    return canvas.jpeg()
