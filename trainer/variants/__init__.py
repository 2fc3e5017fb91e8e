"""The variants, in the lecture's order. A new one is a module of its own and one import line here."""

# isort: off
from trainer.variants.undercomplete import Undercomplete
from trainer.variants.sparse import Sparse
from trainer.variants.denoising import Denoising
from trainer.variants.variational import Variational
from trainer.variants.variant import VARIANTS, Code, Output, Variant

__all__ = ["VARIANTS", "Code", "Denoising", "Output", "Sparse", "Undercomplete", "Variant", "Variational"]
