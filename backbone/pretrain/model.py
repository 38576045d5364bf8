"""The encoder that pretraining, fine-tuning and export share: a pre-LN BERT with learned positions.

Its words may be narrower than its layers (`emb` < `hidden`): words, positions and types are then added at that width,
normalized and projected (embeddings_project, as in ELECTRA).

Two forms of the same arithmetic: `Encoder` here, written to compile well and to be captured in CUDA graphs, and the
Hugging Face class of `reference()`, which export uses and which the checkpoints take their names from.
A checkpoint (encoder.pt) is {'cfg': shape, 'enc': state dict under Hugging Face names, float16, 'step', 'tokens'}.
"""
import torch
import torch.nn.functional as F
from torch import nn

PAD, UNK, CLS, SEP, MASK = range(5)
EPS = 1e-12
NAMES = {'norm1': 'attention.LayerNorm', 'out': 'attention.output.dense', 'norm2': 'intermediate.LayerNorm',
         'up': 'intermediate.dense', 'down': 'output.dense'}


class Lookup(torch.autograd.Function):
    """Rows of a table. The gradient is added up by atomics, which a CUDA graph can capture."""

    @staticmethod
    def forward(ctx, table, ids):
        ctx.save_for_backward(ids)
        ctx.shape = table.shape
        return F.embedding(ids, table)

    @staticmethod
    def backward(ctx, grad):
        ids, = ctx.saved_tensors
        total = torch.zeros(ctx.shape, device=grad.device, dtype=torch.float32)
        total.index_add_(0, ids.reshape(-1), grad.float().reshape(-1, ctx.shape[1]))
        return total, None


class Embeddings(nn.Module):
    """Adds positions and segment types to word vectors and normalizes them. Positions count from 1."""

    def __init__(self, width, positions=514):
        super().__init__()
        self.position = nn.Parameter(torch.randn(positions, width) * 0.02)
        self.types = nn.Parameter(torch.randn(2, width) * 0.02)
        self.norm = nn.LayerNorm(width, eps=EPS)

    def forward(self, rows, types):
        second = types.unsqueeze(-1).to(rows.dtype)
        x = rows + self.position[1:rows.shape[1] + 1] + self.types[0] + second * (self.types[1] - self.types[0])
        return self.norm(x)


class Block(nn.Module):
    """One pre-LN transformer layer."""

    def __init__(self, width, heads, ffn):
        super().__init__()
        self.heads = heads
        self.dropout = self.attention_dropout = 0.0  # in training; Encoder.drop
        self.norm1 = nn.LayerNorm(width, eps=EPS)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width, eps=EPS)
        self.up = nn.Linear(width, ffn)
        self.down = nn.Linear(ffn, width)
        for linear in (self.qkv, self.out, self.up, self.down):
            nn.init.normal_(linear.weight, std=0.02)
            nn.init.zeros_(linear.bias)

    def forward(self, x, mask=None):
        batch, length, width = x.shape
        qkv = self.qkv(self.norm1(x)).view(batch, length, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        lost = self.attention_dropout if self.training else 0.0
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=lost)
        x = x + self.thin(self.out(a.transpose(1, 2).reshape(batch, length, width)))
        return x + self.thin(self.down(F.gelu(self.up(self.norm2(x)))))

    def thin(self, x):
        return F.dropout(x, self.dropout, self.training) if self.dropout else x


class Encoder(nn.Module):
    """Word vectors and segment types in, one vector a token out; `words` is its own table of word vectors.

    Where `emb` differs from `width`, the embeddings are projected (words factored, or a narrow generator on the
    encoder's words).
    """

    def __init__(self, vocab, layers, width, heads, ffn, emb=None):
        super().__init__()
        emb = emb or width
        self.words = nn.Parameter(torch.randn(vocab, emb) * 0.02)
        self.embeddings = Embeddings(emb)
        self.project = nn.Linear(emb, width) if emb != width else nn.Identity()
        self.layers = nn.ModuleList(Block(width, heads, ffn) for _ in range(layers))
        self.norm = nn.LayerNorm(width, eps=EPS)
        self.residual = torch.float32  # type of the residual stream

    def forward(self, rows, types, mask=None):
        """rows: (batch, length, emb), from Lookup; mask: (batch, 1, 1, length), true at tokens, or None."""
        return self.encode(self.embeddings(rows, types), mask)

    def encode(self, embedded, mask=None):
        """What follows the embeddings; embedded: (batch, length, emb)."""
        x = self.project(embedded).to(self.residual)
        for layer in self.layers:
            x = layer(x, mask)
        return self.norm(x)

    def drop(self, share, attention):
        """From now on, in training, drops that share of what each sublayer adds, and of the attention weights."""
        for layer in self.layers:
            layer.dropout, layer.attention_dropout = share, attention


def make_config(vocab, layers, hidden, heads, ffn, emb=None):
    """A plain dict that rebuilds an encoder; `emb`: width of its words, `hidden` if not given."""
    return dict(arch='preln', vocab=vocab, layers=layers, hidden=hidden, heads=heads, ffn=ffn, emb=emb or hidden)


def build(cfg):
    """An `Encoder` of the shape `cfg`, with fresh weights."""
    assert cfg['arch'] == 'preln', cfg
    return Encoder(cfg['vocab'], cfg['layers'], cfg['hidden'], cfg['heads'], cfg['ffn'], cfg['emb'])


def to_checkpoint(encoder, words=None):
    """The encoder's weights under Hugging Face names; `words` replaces its table of word vectors."""
    out = {'embeddings.word_embeddings.weight': encoder.words if words is None else words,
           'embeddings.position_embeddings.weight': encoder.embeddings.position,
           'embeddings.token_type_embeddings.weight': encoder.embeddings.types}
    for part in ('weight', 'bias'):
        out[f'embeddings.LayerNorm.{part}'] = getattr(encoder.embeddings.norm, part)
        out[f'LayerNorm.{part}'] = getattr(encoder.norm, part)
        if isinstance(encoder.project, nn.Linear):
            out[f'embeddings_project.{part}'] = getattr(encoder.project, part)
        for i, layer in enumerate(encoder.layers):
            at = f'encoder.layer.{i}.'
            for ours, theirs in NAMES.items():
                out[f'{at}{theirs}.{part}'] = getattr(getattr(layer, ours), part)
            for name, value in zip(('query', 'key', 'value'), getattr(layer.qkv, part).chunk(3)):
                out[f'{at}attention.self.{name}.{part}'] = value
    return {k: v.detach().to('cpu', torch.float16).clone() for k, v in out.items()}


def from_checkpoint(encoder, state):
    """Copies a checkpoint's weights into an encoder of the same shape."""
    state = dict(state)

    def put(parameter, key):
        parameter.data.copy_(state.pop(key))

    put(encoder.words, 'embeddings.word_embeddings.weight')
    put(encoder.embeddings.position, 'embeddings.position_embeddings.weight')
    put(encoder.embeddings.types, 'embeddings.token_type_embeddings.weight')
    for part in ('weight', 'bias'):
        put(getattr(encoder.embeddings.norm, part), f'embeddings.LayerNorm.{part}')
        put(getattr(encoder.norm, part), f'LayerNorm.{part}')
        if isinstance(encoder.project, nn.Linear):
            put(getattr(encoder.project, part), f'embeddings_project.{part}')
        for i, layer in enumerate(encoder.layers):
            at = f'encoder.layer.{i}.'
            for ours, theirs in NAMES.items():
                put(getattr(getattr(layer, ours), part), f'{at}{theirs}.{part}')
            names = [f'{at}attention.self.{name}.{part}' for name in ('query', 'key', 'value')]
            getattr(layer.qkv, part).data.copy_(torch.cat([state.pop(name) for name in names]))
    assert not state, f'left over in the checkpoint: {sorted(state)}'


def load(path):
    """(cfg, checkpoint) of an encoder.pt, on the CPU."""
    z = torch.load(path, map_location='cpu')
    return z['cfg'], z


def reference(cfg, attention='eager'):
    """The same encoder as a Hugging Face module: (input_ids, attention_mask, token_type_ids) to last_hidden_state."""
    from transformers import RobertaPreLayerNormConfig, RobertaPreLayerNormModel
    config = RobertaPreLayerNormConfig(
        vocab_size=cfg['vocab'], hidden_size=cfg['hidden'], num_hidden_layers=cfg['layers'],
        num_attention_heads=cfg['heads'], intermediate_size=cfg['ffn'], max_position_embeddings=514,
        type_vocab_size=2, pad_token_id=PAD, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    config._attn_implementation = attention
    module = RobertaPreLayerNormModel(config, add_pooling_layer=False)
    if cfg['emb'] != cfg['hidden']:
        narrow = RobertaPreLayerNormConfig(**{**config.to_dict(), 'hidden_size': cfg['emb']})
        module.embeddings = type(module.embeddings)(narrow)
        module.embeddings_project = nn.Linear(cfg['emb'], cfg['hidden'])
        module.embeddings.register_forward_hook(lambda _, __, embedded: module.embeddings_project(embedded))
    return module
