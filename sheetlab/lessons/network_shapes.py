"""Shapes and sizes: of arrays, of pictures as vectors, of layers and of what they learn.

A layer that sees n values a side through windows of size k, s apart, with p zeros around, gives

    floor((n + 2 p - k) / s) + 1 values a side

A convolution from c to d channels has (k * k * c + 1) * d parameters, weights and biases, whatever
the picture's size; a dense layer from a to b values has (a + 1) * b; pooling has none. The network
is LeNet-5 (LeCun et al., 1998), all channels of the second convolution joined to all of the first.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sheetlab.authoring import Board, Columns, Rows, axis, bars
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, to_try

TITLE = "Shapes of arrays, sizes of networks|배열의 shape, 신경망의 크기"
SHEET_NAME = "Shapes"
EQUATION = (
    "side = ⌊(n + 2·padding − kernel) / stride⌋ + 1,   parameters = (inputs + 1) · outputs|"
    "한 변 = ⌊(n + 2·padding − kernel) / stride⌋ + 1,   파라미터 수 = (입력 + 1) · 출력"
)
SLIDES = [
    ("000", "Deep learning & logistic regression"),
    ("001", "Matrix 의 numpy 표현"),
    ("001", "epoch"),
    ("001", "2차원 이미지의 1차원 vector 처리"),
    ("001", "LeNet-5 (1998, Yan LeCunn)"),
    ("001", "실습 : Deeper CNN 을 이용한 CIFAR-10 분류"),
    ("004", "코드 학습단계"),
]

PICTURES = ("MNIST", "photo|사진", "1 megapixel", "CIFAR-10")
LAYERS = ("conv 1", "pool 1", "conv 2", "pool 2", "dense 1", "dense 2", "output")
KINDS = ("conv", "pool", "conv", "pool", "dense", "dense", "dense")

of_layer = partial(column, as_long_as="layer")
counts = partial(column, whole=True, at_least=1, at_most=10_000)
count = partial(number, whole=True, at_least=1, at_most=100_000)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """Arrays, pictures and networks of the slides; the layers are those of LeNet-5."""

    vector: tuple[float, ...] = column((8, 5, 3), "1D", length=(1, 6))
    matrix: tuple[float, ...] = column((8, 5, 3, 1, 2, 9), "2D", length=6)
    tensor: tuple[float, ...] = column((1, 2, 3, 4, 5, 6, 7, 8), "3D", length=8)
    height: tuple[int, ...] = counts((28, 64, 1000, 32), "height|높이", length=4)
    width: tuple[int, ...] = counts((28, 64, 1000, 32), "width|너비", length=4)
    channels: tuple[int, ...] = counts((1, 3, 3, 3), "channels|channel", length=4)
    mnist_images: int = count(60_000, "MNIST: images|MNIST: 이미지 수")
    cifar_classes: int = count(10, "CIFAR-10: classes|CIFAR-10: class 수")
    class_images: int = count(6_000, "images of each class|class마다 이미지 수")
    examples: int = count(2_000, "training examples|학습 데이터")
    batch_size: tuple[int, ...] = counts((500, 1, 32, 2000), "batch size", length=(1, 6))
    mlp_layers: tuple[int, ...] = counts((784, 50, 10), "units|뉴런", length=(2, 6))
    keras_layers: tuple[int, ...] = counts((784, 128, 10), "units|뉴런", as_long_as="mlp_layers")
    picture_side: int = count(32, "pixels a side|한 변의 pixel")
    picture_channels: int = count(1, "channels|channel")
    layer: tuple[str, ...] = column(LAYERS, "layer", text=True, length=(1, 12))
    kind: tuple[str, ...] = of_layer(KINDS, "kind|종류", choices=("conv", "pool", "dense"))
    kernel: tuple[int, ...] = counts((5, 2, 5, 2, 1, 1, 1), "kernel", as_long_as="layer")
    stride: tuple[int, ...] = counts((1, 2, 1, 2, 1, 1, 1), "stride", as_long_as="layer")
    padding: tuple[int, ...] = of_layer((0,) * 7, "padding", whole=True, at_least=0, at_most=1000)
    units: tuple[int, ...] = counts((6, 1, 16, 1, 120, 84, 10), "units|출력 수", as_long_as="layer")

    def check(self) -> None:
        """Every window within what it looks at."""
        for name, side in zip(self.layer, sides_of(self)[1:], strict=True):
            self.require(
                side >= 1,
                f"The kernel of {name} is larger than what it sees; make it smaller.",
                f"{name}의 kernel이 입력보다 큽니다. kernel을 줄이십시오.",
            )


def sides_of(inputs: Inputs) -> list[int]:
    """How many values a side there are before the first layer and after each."""
    sides = [inputs.picture_side]
    columns = (inputs.kind, inputs.kernel, inputs.stride, inputs.padding)
    for kind, kernel, stride, padding in zip(*columns, strict=True):
        sides.append(1 if kind == "dense" else (sides[-1] + 2 * padding - kernel) // stride + 1)
    return sides


def write(board: Board, inputs: Inputs) -> None:
    """Arrays above, pictures and dense networks in the middle, LeNet-5 and its charts below."""
    vector = board.columns()
    vector.input("vector", by=axis("item", len(inputs.vector)), show_labels=False)
    shapes = [shape(board, vector, "1D", ["= COLUMNS(vector)"])]
    matrix = board.columns(axis("row", 2), below=vector)
    matrix.input("matrix", by=axis("col", 3), show_labels=False)
    shapes.append(shape(board, matrix, "2D", ["= ROWS(matrix)", "= COLUMNS(matrix)"]))
    tensor = board.columns(axis("depth", 2) * axis("t_row", 2), below=matrix)
    tensor.input("tensor", by=axis("t_col", 2), show_labels=False)
    one = "ROWS(tensor.at(depth, 1))"
    counted = [f"= ROWS(tensor) / {one}", f"= {one}", "= COLUMNS(tensor)"]
    shapes.append(shape(board, tensor, "3D", counted))

    aside: dict[str, Any] = {"right_of": shapes, "format": "#,##0"}
    pictures = board.columns(axis("picture", PICTURES), labels="picture|이미지", **aside)
    pictures.inputs("height", "width", "channels", format="0")
    pictures.column("features", "as a vector|벡터로", "= height * width * channels")
    sizes = board.rows(below=tensor, label_span=4, span=2, format="#,##0")
    logistic = "photo: weights and bias|사진: weight와 bias"
    sizes.row("logistic_parameters", logistic, "= features.at(2) + 1")
    sizes.inputs("cifar_classes", "class_images")
    images = "= cifar_classes * class_images"
    sizes.row("cifar_images", "CIFAR-10: images|CIFAR-10: 이미지 수", images)
    sizes.input("mnist_images")
    reshaped = board.rows(axis("flat", ("axis=0", "axis=1")), below=pictures, **aside)
    reshaped.row("mnist_matrix", "MNIST: reshape", ["= mnist_images", "= features.at(1)"])

    batches = board.rows(axis("batch", len(inputs.batch_size)), below=reshaped, **aside)
    batches.input("batch_size")
    batches.row("iterations_per_epoch", "iterations / epoch", "= ROUNDUP(examples / batch_size, 0)")
    examples = board.rows(below=batches, **aside)
    examples.input("examples")
    legend = board.legend(right_of=examples, below=batches)

    networks = board.columns(axis("dense", len(inputs.mlp_layers)), below=legend, **aside)
    total = networks.foot("sum|합")
    for name, label in (("mlp", "network 1|신경망 1"), ("keras", "network 2|신경망 2")):
        with networks.group(label):
            networks.input(f"{name}_layers")
            learned = f"= ({name}_layers.before + 1) * {name}_layers"
            networks.column(f"{name}_parameters", "parameters|파라미터", learned, first="= 0")
        total.value(f"sum_{name}", f"= SUM({name}_parameters)")

    upper: dict[str, Any] = {"below": [sizes, networks], "format": "#,##0"}
    layers = board.columns(axis("layer", inputs.layer), labels="LeNet-5", **upper)
    with layers.group("layer|층"):
        layers.input("kind", colour={"first": 'kind = "conv"', "second": 'kind = "dense"'})
        layers.inputs("kernel", "stride", "padding", colour={"faint": 'kind = "dense"'})
        layers.input("units", colour={"faint": 'kind = "pool"'})
    with layers.group("in|입력"):
        layers.column("side_in", "a side|한 변", "= side_out.before", first="= picture_side")
        start = "= picture_channels"
        layers.column("channels_in", "channels|channel", "= channels_out.before", first=start)
    with layers.group("out|출력"):
        fits = "INT((side_in + 2 * padding - kernel) / stride) + 1"
        layers.column("side_out", "a side|한 변", f'= IF(kind = "dense", 1, {fits})')
        layers.column("channels_out", "channels|channel", '= IF(kind = "pool", channels_in, units)')
        layers.column("values_out", "values|값", "= side_out^2 * channels_out")
    seen = 'IF(kind = "dense", side_in, kernel)^2 * channels_in'
    parameters = f'= IF(kind = "pool", 0, ({seen} + 1) * units)'
    layers.column("parameters", "parameters|파라미터", parameters)
    dense = '= IF(kind = "pool", 0, (side_in^2 * channels_in + 1) * values_out)'
    layers.column("as_dense", "if dense|dense라면", dense)
    given = layers.start("input|입력")
    given.input("picture_side", under="side_out")
    given.input("picture_channels", under="channels_out")
    total = layers.foot("sum|합")
    for name in ("parameters", "as_dense"):
        total.value(f"sum_{name}", f"= SUM({name})")

    size: dict[str, Any] = {"over": "layer", "rows": 36, "below": layers}
    values = "The values after each layer|각 층의 출력값 수"
    left = board.chart(values, bars("values_out"), width=60, **size)
    learned = "The parameters of each layer|각 층의 파라미터 수"
    board.chart(learned, bars("parameters"), right_of=left, width=layers, **size)


def shape(board: Board, array: Columns, name: str, sizes: list[str]) -> Rows:
    """The shape of an array at its right, axis by axis."""
    axes = axis(f"axes_{name.lower()}", [f"axis={number}" for number in range(len(sizes))])
    table = board.rows(axes, right_of=array)
    table.row(f"array_shape_{name.lower()}", f"{name}: shape", sizes, heading="shape")
    return table


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy; what is said of a picture is (4,), of a layer (n_layers,)."""
    features = np.array(inputs.height) * inputs.width * inputs.channels
    sides, channels = sides_of(inputs), [inputs.picture_channels]
    for kind, units in zip(inputs.kind, inputs.units, strict=True):
        channels.append(channels[-1] if kind == "pool" else units)
    side_in, side_out = np.array(sides[:-1]), np.array(sides[1:])
    channels_in, channels_out = np.array(channels[:-1]), np.array(channels[1:])
    kinds = np.array(inputs.kind)
    learns, window = kinds != "pool", np.where(kinds == "dense", side_in, inputs.kernel)
    parameters = learns * (window**2 * channels_in + 1) * inputs.units
    as_dense = learns * (side_in**2 * channels_in + 1) * side_out**2 * channels_out
    found: Reference = {}
    for name in ("mlp", "keras"):
        layers = np.array(inputs.values(f"{name}_layers"))
        found[f"{name}_parameters"] = np.append(0, (layers[:-1] + 1) * layers[1:])
        found[f"sum_{name}"] = found[f"{name}_parameters"].sum()
    return {
        "array_shape_1d": np.array(np.shape(inputs.vector)),
        "array_shape_2d": np.array([2, 3]),
        "array_shape_3d": np.array([2, 2, 2]),
        "features": features,
        "logistic_parameters": features[1:2] + 1,
        "cifar_images": np.array([inputs.cifar_classes * inputs.class_images]),
        "mnist_matrix": np.array([inputs.mnist_images, features[0]]),
        "iterations_per_epoch": -(-inputs.examples // np.array(inputs.batch_size)),
        **found,
        **{"side_in": side_in, "side_out": side_out},
        **{"channels_in": channels_in, "channels_out": channels_out},
        "values_out": side_out**2 * channels_out,
        **{"parameters": parameters, "sum_parameters": parameters.sum()},
        **{"as_dense": as_dense, "sum_as_dense": as_dense.sum()},
    }


HOW_TO_READ = """
Row after row, a picture becomes a vector (of size {features}), and logistic regression learns a
weight for each of its numbers and a bias ({logistic_parameters}). The iterations of one epoch
({iterations_per_epoch}) are examples over batch size, rounded up.
| 이미지의 행을 이어 붙이면 벡터가 되고(크기는 {features}), logistic regression은 수마다 weight
하나와 bias 하나를 학습합니다({logistic_parameters}). 1 epoch의 iteration
수({iterations_per_epoch})는 학습 데이터 수를 batch size로 나누어 올림한 것입니다.

Each row ({kind}) is a layer that takes in what the one before gives out. A convolution has as many
parameters ({parameters}) whatever the picture's size; a dense layer would have {as_dense}.
| 한 행({kind})이 층 하나이며, 앞 층의 출력을 입력으로 받습니다. convolution의 파라미터
수({parameters})는 이미지의 크기와 관계없습니다. dense 층이라면 {as_dense}에 있는 수만큼 듭니다.

[slide] The slides only name LeNet-5; its layers here are those of the paper.
| 슬라이드에는 LeNet-5의 이름만 있어, 층은 논문을 따랐습니다.
"""

TO_TRY = (
    to_try(
        "Set the stride {stride.first} to 2: half a side and a quarter of the values are left.|"
        "stride({stride.first})를 2로 바꾸십시오. 첫 층의 한 변은 절반, 값은 4분의 1이 됩니다.",
        {"stride.first": 2},
        lambda before, after: after["values_out"][0] == before["values_out"][0] / 4,
    ),
    to_try(
        "Set padding {padding.at(1)} and {padding.at(3)} to 2: the parameters more than double.|"
        "padding({padding.at(1)}, {padding.at(3)})을 2로 바꾸십시오. 파라미터가 두 배를 넘습니다.",
        {"padding.at(1)": 2, "padding.at(3)": 2},
        lambda before, after: after["sum_parameters"] > 2 * before["sum_parameters"],
    ),
    to_try(
        "Set a batch size {batch_size.first} to 300: 7 iterations, the last with 200 examples.|"
        "batch size({batch_size.first})를 300으로 바꾸십시오. 7번째 batch에는 200개만 있습니다.",
        {"batch_size.first": 300},
        lambda before, after: after["iterations_per_epoch"][0] == 7,
    ),
)
