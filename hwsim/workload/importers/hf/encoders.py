"""Encoders: BERT, RoBERTa and relatives, DistilBERT, ELECTRA, XLM, ViT."""

from __future__ import annotations

from pydantic import AliasChoices, Field, NonNegativeInt, PositiveInt

from hwsim.workload.importers.hf.base import (
    ActivationName,
    HuggingFaceConfig,
    Translation,
    Translator,
    text,
)


class BertConfig(HuggingFaceConfig):
    """BERT, and models of its shape."""

    vocab_size: PositiveInt = 30522
    hidden_size: PositiveInt = 768
    num_hidden_layers: PositiveInt = 12
    num_attention_heads: PositiveInt = 12
    intermediate_size: PositiveInt = 3072
    hidden_act: ActivationName = "gelu"
    max_position_embeddings: PositiveInt = 512
    type_vocab_size: NonNegativeInt = 2
    embedding_size: PositiveInt | None = None


def _bert(config: BertConfig, head: str = "pooler", reserved: int = 0) -> Translation:
    shape = {
        "hidden": config.hidden_size,
        "layers": config.num_hidden_layers,
        "heads": config.num_attention_heads,
        "intermediate": config.intermediate_size,
        "activation": config.hidden_act,
        "vocab": config.vocab_size,
        "positions": config.max_position_embeddings,
        "token_types": config.type_vocab_size,
        "embedding": config.embedding_size,
        "head": head,
    }
    return Translation("transformer_encoder", shape, text(config.max_position_embeddings - reserved))


def _roberta(config: BertConfig) -> Translation:
    """RoBERTa's positions begin behind its padding token: two rows of the table are not used."""
    return _bert(config, reserved=2)


def _electra(config: BertConfig) -> Translation:
    """ELECTRA's model ends with its last layer."""
    return _bert(config, head="none")


class DistilBertConfig(HuggingFaceConfig):
    """DistilBERT with its own key names."""

    vocab_size: PositiveInt = 30522
    dim: PositiveInt = 768
    n_layers: PositiveInt = 6
    n_heads: PositiveInt = 12
    hidden_dim: PositiveInt = 3072
    activation: ActivationName = "gelu"
    max_position_embeddings: PositiveInt = 512


def _distilbert(config: DistilBertConfig) -> Translation:
    shape = {
        "hidden": config.dim,
        "layers": config.n_layers,
        "heads": config.n_heads,
        "intermediate": config.hidden_dim,
        "activation": config.activation,
        "vocab": config.vocab_size,
        "positions": config.max_position_embeddings,
        "head": "none",
    }
    return Translation("transformer_encoder", shape, text(config.max_position_embeddings))


class XlmConfig(HuggingFaceConfig):
    """XLM with its own key names."""

    vocab_size: PositiveInt = Field(30145, validation_alias=AliasChoices("vocab_size", "n_words"))
    emb_dim: PositiveInt = 2048
    n_layers: PositiveInt = 12
    n_heads: PositiveInt = 16
    gelu_activation: bool = True
    max_position_embeddings: PositiveInt = 512
    n_langs: PositiveInt = 1
    use_lang_emb: bool = True


def _xlm(config: XlmConfig) -> Translation:
    shape = {
        "hidden": config.emb_dim,
        "layers": config.n_layers,
        "heads": config.n_heads,
        "intermediate": 4 * config.emb_dim,
        "activation": "gelu" if config.gelu_activation else "relu",
        "vocab": config.vocab_size,
        "positions": config.max_position_embeddings,
        "token_types": config.n_langs if config.use_lang_emb and config.n_langs > 1 else 0,
        "head": "language_model",
    }
    return Translation("transformer_encoder", shape, text(config.max_position_embeddings))


class VitConfig(HuggingFaceConfig):
    """The vision transformer."""

    hidden_size: PositiveInt = 768
    num_hidden_layers: PositiveInt = 12
    num_attention_heads: PositiveInt = 12
    intermediate_size: PositiveInt = 3072
    hidden_act: ActivationName = "gelu"
    image_size: PositiveInt = 224
    patch_size: PositiveInt = 16
    num_channels: PositiveInt = 3
    qkv_bias: bool = True
    id2label: dict[str, str] = Field(default_factory=dict)
    num_labels: PositiveInt | None = None


def _vit(config: VitConfig) -> Translation:
    classes = len(config.id2label) or config.num_labels
    shape = {
        "hidden": config.hidden_size,
        "layers": config.num_hidden_layers,
        "heads": config.num_attention_heads,
        "intermediate": config.intermediate_size,
        "activation": config.hidden_act,
        "bias": config.qkv_bias,
        "image": config.image_size,
        "patch": config.patch_size,
        "channels": config.num_channels,
        "classes": classes or 1000,
    }
    notes = () if classes else ("the configuration names no classes: 1000 as in ImageNet",)
    return Translation("vision_transformer", shape, {"batch": 1}, notes)


TRANSLATORS = {
    "bert": Translator(BertConfig, _bert),
    "roberta": Translator(BertConfig, _roberta),
    "xlm-roberta": Translator(BertConfig, _roberta),
    "camembert": Translator(BertConfig, _roberta),
    "electra": Translator(BertConfig, _electra),
    "distilbert": Translator(DistilBertConfig, _distilbert),
    "xlm": Translator(XlmConfig, _xlm),
    "vit": Translator(VitConfig, _vit),
}
"""The model types of this module."""
