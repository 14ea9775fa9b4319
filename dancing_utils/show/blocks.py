"""A Keras model as blocks that a person can follow: what happens, what comes out of it, how many numbers are trained.

A block is one layer with weights and what belongs to it: activation, normalisation, reshaping, the joining of what it
is given. Layers of the same kind and the same result that follow each other are one block. Everything is read from the
model itself, so that a drawing cannot tell another story than the code.

    read     any functional model -> a ``Part``
    levels   a U-Net -> a block for each size on the way down, on the way up, and where it paints

Notebook: 03_train_lstm_vae.ipynb
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from dancing_utils.tf import keras, layers

KINDS = ("recurrent", "convolution", "dense", "attention", "plain")  # plain: nothing is trained
ACTIVATIONS = {"relu": "ReLU", "silu": "SiLU", "linear": ""}
OPENS = ("Flatten", "RepeatVector", "AveragePooling1D", "Concatenate", "Resize", "AveragePool", "MaxPooling2D")


@dataclass(eq=False)
class Block:
    """``lines`` say what happens; ``shape`` is what comes out, without the batch; ``given`` are blocks and inputs."""

    lines: list[str] = field(default_factory=list)
    shape: str = ""
    parameters: int = 0
    kind: str = "plain"
    given: list["Block | Flow"] = field(default_factory=list)


@dataclass(eq=False)
class Flow:
    """What goes into a part or comes out of it: its name and shape; ``given`` is where an output comes from."""

    name: str
    shape: str
    given: "Block | Flow | None" = None


@dataclass
class Part:
    """A model, or half of one, to be drawn as a column. ``remark``: a line in words. ``known``: are parameters told?"""

    title: str
    inputs: list[Flow]
    blocks: list[Block]
    outputs: list[Flow]
    remark: str = ""
    known: bool = True

    @property
    def parameters(self) -> int:
        """Numbers that are trained in all its blocks."""
        return sum(block.parameters for block in self.blocks)


def trained(layer) -> int:
    """How many numbers a layer or model trains; running means of normalisations are none."""
    return sum(int(np.prod(weight.shape)) for weight in getattr(layer, "trainable_weights", []))


def shape_of(operation) -> str:
    """The shape of an operation's result without the batch: "149 × 128"; a length that is open is "n"."""
    return " × ".join("n" if n is None else f"{n:,}" for n in operation.output.shape[1:]) or "1"


def givers(operation) -> list:
    """The operations whose results an operation takes."""
    return [node.operation for node in operation._inbound_nodes[0].parent_nodes]


def takers(model: keras.Model) -> dict[int, list]:
    """Operations that take an operation's result, by its id; a model's output has None among them."""
    found = defaultdict(list)
    for operation in model.operations:
        for giver in givers(operation):
            found[id(giver)].append(operation)
    for output in model.outputs:
        found[id(output._keras_history.operation)].append(None)
    return found


# --- an operation in words ------------------------------------------------------------------------------------------


def kind_of(operation) -> str:
    """Which of ``KINDS`` an operation is, by what it trains."""
    name = type(operation).__name__
    if isinstance(operation, layers.Bidirectional | layers.RNN):
        return "recurrent"
    if "Attention" in name:
        return "attention"
    if isinstance(operation, layers.TimeDistributed):
        return kind_of(operation.layer)
    if "Conv" in name or isinstance(operation, keras.Sequential) or name == "Block":
        return "convolution"
    return "dense" if trained(operation) else "plain"


def words_of(operation) -> str:
    """An operation in the field's terms; those that begin with a comma go on the line before; "" for none."""
    name = type(operation).__name__
    if isinstance(operation, keras.Sequential):
        return ", ".join(words_of(layer).lstrip(", ") for layer in operation.layers)
    if isinstance(operation, layers.TimeDistributed):
        return f"{words_of(operation.layer)}, at each step"
    if isinstance(operation, layers.Bidirectional):
        return f"LSTM both ways, 2 × {operation.forward_layer.units} units"
    if name in WORDS:
        return WORDS[name](operation)
    return " ".join(part.lower() for part in _parted(name))


def _parted(name: str) -> list[str]:
    """"LayerNormalization" -> ["Layer", "Normalization"]."""
    starts = [i for i, letter in enumerate(name) if letter.isupper() and (i == 0 or not name[i - 1].isupper())]
    return [name[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)] or [name]


def _activation(layer) -> str:
    name = layer.activation.__name__
    word = ACTIVATIONS.get(name, name)
    return f", {word}" if word else ""


def _convolution(layer, name: str) -> str:
    size = " × ".join(map(str, layer.kernel_size)) + (" steps" if len(layer.kernel_size) == 1 else "")
    stride = f", stride {layer.strides[0]}" if layer.strides[0] > 1 else ""
    spread = f", dilation {layer.dilation_rate[0]}" if layer.dilation_rate[0] > 1 else ""
    return f"{name} {size}{stride}{spread}{_activation(layer)}"


WORDS = {
    "Dense": lambda layer: f"Dense, {layer.units:,} {'unit' if layer.units == 1 else 'units'}{_activation(layer)}",
    "LSTM": lambda layer: f"LSTM, {layer.units} units" + ("" if layer.return_sequences else ", last state"),
    "Conv1D": lambda layer: _convolution(layer, "Conv"),
    "Conv2D": lambda layer: _convolution(layer, "Conv"),
    "Conv2DTranspose": lambda layer: _convolution(layer, "Transposed conv"),
    "BatchNormalization": lambda layer: ", batch norm",
    "ReLU": lambda layer: ", ReLU",
    "Relu": lambda operation: ", ReLU",
    "LeakyReLU": lambda layer: ", leaky ReLU",
    "Flatten": lambda layer: "Flatten",
    "Reshape": lambda layer: "Reshape",
    "RepeatVector": lambda layer: f"Repeat {layer.n} times",
    "Concatenate": lambda layer: "Concatenate",
    "AveragePooling1D": lambda layer: f"Mean of {layer.pool_size[0]} steps",
    "AveragePool": lambda operation: f"Mean of {operation.pool_size} × {operation.pool_size}",
    "Resize": lambda operation: "Enlarge × 2",
    "DepthToSpace": lambda operation: "Pixel shuffle × 2",
    "Add": lambda operation: "Add",
    "Multiply": lambda operation: "",  # how far a size is faded in: 1 once it is trained
    "Block": lambda layer: "Residual block" if layer.residual else "Two conv 3 × 3",
    "SelfAttention": lambda layer: "Self-attention",
}


def add_words(block: Block, operation) -> None:
    """Let a block tell one more operation, and count it."""
    words = words_of(operation)
    if words.startswith(",") and block.lines:
        block.lines[-1] += words
    elif words:
        block.lines.append(words.lstrip(", "))
    block.parameters += trained(operation)
    block.shape = shape_of(operation)
    if kind_of(operation) != "plain" and (block.kind == "plain" or kind_of(operation) == "attention"):
        block.kind = kind_of(operation)


# --- a functional model ---------------------------------------------------------------------------------------------


def read(model: keras.Model, *, title: str = "", inputs=(), outputs=(), remark: str = "", lengths=()) -> Part:
    """A functional model as blocks.

    Parameters
    ----------
    inputs, outputs : their names; without them those that were given to Keras, else "input" and "output".
    lengths : a shape (without the batch) for each input whose own is open, as that of a sound of any length.
    """
    if lengths:  # a copy with the same layers, whose shapes are closed
        closed = [keras.Input(shape) for shape in lengths]
        model = keras.models.clone_model(model, input_tensors=closed if len(closed) > 1 else closed[0])
    given_to, home, last, blocks = takers(model), {}, {}, []
    places = [tensor._keras_history.operation for tensor in model.inputs]
    for name, place in zip(inputs or [_given_name(place, "input") for place in places], places, strict=True):
        home[id(place)] = Flow(name, shape_of(place))
    flows = list(home.values())
    for operation in model.operations:
        if id(operation) in home:
            continue
        before = givers(operation)
        block = home[id(before[0])]
        if not (isinstance(block, Block) and _goes_on(block, last[id(block)], operation, given_to)):
            block = Block(given=list(dict.fromkeys(home[id(giver)] for giver in before)))
            blocks.append(block)
        add_words(block, operation)
        home[id(operation)], last[id(block)] = block, operation
    ends = [tensor._keras_history.operation for tensor in model.outputs]
    names = outputs or [_given_name(end, "output") for end in ends]
    ways = [Flow(name, shape_of(end), home[id(end)]) for name, end in zip(names, ends, strict=True)]
    return Part(title or _given_name(model, "model"), flows, blocks, ways, remark)


def _given_name(named, otherwise: str) -> str:
    """A name that was chosen; Keras makes others of the class and a number that depends on what was made before."""
    made_up = re.fullmatch(type(named).__name__.lower() + r"\d*", named.name.replace("_", ""))
    return otherwise if made_up else named.name


def _goes_on(block: Block, end, operation, given_to: dict) -> bool:
    """Does an operation belong to the block whose last one is ``end``?"""
    if givers(operation) != [end] or given_to[id(end)] != [operation]:
        return False  # something else is joined to it, or something else takes the block's result, too
    if not block.parameters or type(operation).__name__ == "BatchNormalization":
        return True
    if trained(operation):
        return type(operation) is type(end) and shape_of(operation) == shape_of(end)
    opens_the_next = type(operation).__name__ in OPENS and _alone(given_to[id(operation)])
    return not opens_the_next


def _alone(operations: list) -> bool:
    """Is it a single layer that trains something, and takes nothing else?"""
    return len(operations) == 1 and operations[0] is not None and bool(trained(operations[0]))


# --- a U-Net --------------------------------------------------------------------------------------------------------


def levels(model: keras.Model, paints: list) -> dict[tuple[str, int], Block]:
    """A functional U-Net as blocks by ("down", "up" or "paint", rows).

    "down" ends with the last operation of the smallest size. Layers in ``paints``, and what is done with their results,
    are "paint". What trains nothing, or looks at single pixels only, belongs to the operation that takes it.
    """
    given_to = takers(model)
    operations = [operation for operation in model.operations if not isinstance(operation, layers.InputLayer)]
    rows = {id(operation): operation.output.shape[1] for operation in operations}
    turn = max(i for i, operation in enumerate(operations) if rows[id(operation)] == min(rows.values()))
    way = {id(operation): "down" if i <= turn else "up" for i, operation in enumerate(operations)}
    for operation in operations:
        if operation in paints or any(way.get(id(giver)) == "paint" for giver in givers(operation)):
            way[id(operation)] = "paint"
    for operation in reversed(operations):
        others = given_to[id(operation)]
        alone = len(others) == 1 and others[0] is not None and way[id(operation)] != "paint"
        if alone and _is_small(operation) and way[id(others[0])] == way[id(operation)]:
            rows[id(operation)] = rows[id(others[0])]
    blocks = defaultdict(Block)
    for operation in operations:
        add_words(blocks[way[id(operation)], rows[id(operation)]], operation)
    return dict(blocks)


def _is_small(operation) -> bool:
    layer = operation.layers[0] if isinstance(operation, keras.Sequential) else operation
    return not trained(operation) or getattr(layer, "kernel_size", None) == (1, 1)
