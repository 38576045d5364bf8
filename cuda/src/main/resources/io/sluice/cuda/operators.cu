// The kernels of CudaKernels, compiled when they are first needed. All tensors are float32 and dense.

#define EACH 4 // numbers of a thread where each is by itself
#define NEVER __int_as_float(0xff800000) // minus infinity

__device__ float warp_sum(float x) {
  for (int step = 16; step > 0; step /= 2) x += __shfl_xor_sync(0xffffffffu, x, step);
  return x;
}

__device__ float warp_max(float x) {
  for (int step = 16; step > 0; step /= 2) x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, step));
  return x;
}

// The slope of u P(u), P the normal distribution: P(u) + u exp(-u^2 / 2) / sqrt(2 pi).
__device__ float gelu_slope(float u) {
  return 0.5f + 0.5f * erff(u * 0.707106781f) + u * 0.398942280f * expf(-0.5f * u * u);
}

__device__ float4 load4(const float *x, long long k) { return *(const float4 *)(x + k); }

__device__ void store4(float *x, long long k, float4 v) { *(float4 *)(x + k) = v; }

__device__ bool whole4(const void *a, const void *b, const void *c, const void *d) {
  return (((size_t)a | (size_t)b | (size_t)c | (size_t)d) & 15) == 0;
}

extern "C" __global__ void gelu_gradient(const float *g, const float *u, float *out, long long count) {
  long long at = (long long)blockIdx.x * blockDim.x * EACH + threadIdx.x;
  float x[EACH], y[EACH];
#pragma unroll
  for (int i = 0; i < EACH; i++) {
    long long k = at + (long long)i * blockDim.x;
    x[i] = k < count ? u[k] : 0;
    y[i] = k < count ? g[k] : 0;
  }
#pragma unroll
  for (int i = 0; i < EACH; i++) {
    long long k = at + (long long)i * blockDim.x;
    if (k < count) out[k] = y[i] * gelu_slope(x[i]);
  }
}

// The same at u = x + b, b being of the last axis; fewer than 2^32 numbers.
extern "C" __global__ void bias_gelu_gradient(const float *g, const float *x, const float *b, float *out,
                                              long long count, int columns) {
  long long at = ((long long)blockIdx.x * blockDim.x + threadIdx.x) * EACH;
  if (at >= count) return;
  if (columns % EACH == 0 && whole4(g, x, b, out)) {
    float4 u = load4(x, at), y = load4(g, at), c = load4(b, (unsigned)at % (unsigned)columns), z;
    z.x = y.x * gelu_slope(u.x + c.x);
    z.y = y.y * gelu_slope(u.y + c.y);
    z.z = y.z * gelu_slope(u.z + c.z);
    z.w = y.w * gelu_slope(u.w + c.w);
    store4(out, at, z);
    return;
  }
  for (long long k = at; k < at + EACH && k < count; k++) {
    out[k] = g[k] * gelu_slope(x[k] + b[(unsigned)k % (unsigned)columns]);
  }
}

// x + r + b, b being of the last axis; fewer than 2^32 numbers.
extern "C" __global__ void add_bias(const float *x, const float *r, const float *b, float *out, long long count,
                                    int columns) {
  long long at = ((long long)blockIdx.x * blockDim.x + threadIdx.x) * EACH;
  if (at >= count) return;
  if (columns % EACH == 0 && whole4(x, r, b, out)) {
    float4 u = load4(x, at), v = load4(r, at), c = load4(b, (unsigned)at % (unsigned)columns);
    store4(out, at, make_float4(u.x + c.x + v.x, u.y + c.y + v.y, u.z + c.z + v.z, u.w + c.w + v.w));
    return;
  }
  for (long long k = at; k < at + EACH && k < count; k++) {
    out[k] = x[k] + b[(unsigned)k % (unsigned)columns] + r[k];
  }
}

__device__ float sum4(float4 v) { return v.x + v.y + v.z + v.w; }

// A row of a norm, of at most 128 N numbers in fours, by a warp.
template <int N>
__device__ void normal_row(const float *x, const float *r, const float *b, const float *scale, const float *shift,
                           float epsilon, float *out, float *mean, float *inverse, float *sum, int columns) {
  int lane = threadIdx.x % 32 * 4;
  float4 v[N];
  float level = 0, square = 0;
#pragma unroll
  for (int i = 0; i < N; i++) {
    int c = lane + 128 * i;
    v[i] = make_float4(0, 0, 0, 0);
    if (c < columns) {
      float4 p = load4(x, c), q = load4(r, c), t = load4(b, c);
      v[i] = make_float4(p.x + t.x + q.x, p.y + t.y + q.y, p.z + t.z + q.z, p.w + t.w + q.w);
      store4(sum, c, v[i]);
      level += sum4(v[i]);
    }
  }
  level = warp_sum(level) / columns;
#pragma unroll
  for (int i = 0; i < N; i++) {
    v[i] = make_float4(v[i].x - level, v[i].y - level, v[i].z - level, v[i].w - level);
    if (lane + 128 * i < columns) {
      square += sum4(make_float4(v[i].x * v[i].x, v[i].y * v[i].y, v[i].z * v[i].z, v[i].w * v[i].w));
    }
  }
  float s = rsqrtf(warp_sum(square) / columns + epsilon);
#pragma unroll
  for (int i = 0; i < N; i++) {
    int c = lane + 128 * i;
    if (c >= columns) continue;
    float4 w = load4(scale, c), t = load4(shift, c);
    store4(out, c, make_float4(v[i].x * s * w.x + t.x, v[i].y * s * w.y + t.y, v[i].z * s * w.z + t.z,
                               v[i].w * s * w.w + t.w));
  }
  if (lane == 0) {
    *mean = level;
    *inverse = s;
  }
}

// x + r + b, b being of the last axis, and that with mean 0 and deviation 1, by a scale and a shift: a warp for each row.
extern "C" __global__ void add_bias_layer_norm(const float *x, const float *r, const float *b, const float *scale,
                                               const float *shift, const float *epsilon, float *out, float *mean,
                                               float *inverse, float *sum, long long rows, int columns) {
  long long at = (long long)blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32, row = at * columns;
  if (at >= rows) return;
  x += row, r += row, out += row, sum += row, mean += at, inverse += at;
  if (columns % 4 == 0 && columns <= 1024 && whole4(x, r, out, sum) && whole4(b, scale, shift, out)) {
    if (columns <= 512) return normal_row<4>(x, r, b, scale, shift, *epsilon, out, mean, inverse, sum, columns);
    if (columns <= 768) return normal_row<6>(x, r, b, scale, shift, *epsilon, out, mean, inverse, sum, columns);
    return normal_row<8>(x, r, b, scale, shift, *epsilon, out, mean, inverse, sum, columns);
  }
  int lane = threadIdx.x % 32;
  float level = 0, square = 0;
  for (int c = lane; c < columns; c += 32) {
    float v = x[c] + b[c] + r[c];
    sum[c] = v;
    level += v;
  }
  level = warp_sum(level) / columns;
  for (int c = lane; c < columns; c += 32) square += (sum[c] - level) * (sum[c] - level);
  float s = rsqrtf(warp_sum(square) / columns + *epsilon);
  for (int c = lane; c < columns; c += 32) out[c] = (sum[c] - level) * s * scale[c] + shift[c];
  if (lane == 0) {
    *mean = level;
    *inverse = s;
  }
}

// A row of a norm's gradient, of at most 128 N numbers in fours, by a warp.
template <int N>
__device__ void gradient_row(const float *g, const float *x, const float *w, float m, float s, float *out, int columns) {
  int lane = threadIdx.x % 32 * 4;
  float4 h[N], n[N];
  float level = 0, slope = 0;
#pragma unroll
  for (int i = 0; i < N; i++) {
    int c = lane + 128 * i;
    h[i] = n[i] = make_float4(0, 0, 0, 0);
    if (c < columns) {
      float4 p = load4(g, c), q = load4(w, c), t = load4(x, c);
      h[i] = make_float4(p.x * q.x, p.y * q.y, p.z * q.z, p.w * q.w);
      n[i] = make_float4((t.x - m) * s, (t.y - m) * s, (t.z - m) * s, (t.w - m) * s);
      level += sum4(h[i]);
      slope += sum4(make_float4(h[i].x * n[i].x, h[i].y * n[i].y, h[i].z * n[i].z, h[i].w * n[i].w));
    }
  }
  level = warp_sum(level) / columns;
  slope = warp_sum(slope) / columns;
#pragma unroll
  for (int i = 0; i < N; i++) {
    int c = lane + 128 * i;
    if (c >= columns) continue;
    store4(out, c, make_float4(s * (h[i].x - level - n[i].x * slope), s * (h[i].y - level - n[i].y * slope),
                               s * (h[i].z - level - n[i].z * slope), s * (h[i].w - level - n[i].w * slope)));
  }
}

// inv (h - mean h - n mean(h n)) with h = g w and n = (x - mean) inv: a warp for each row.
extern "C" __global__ void layer_norm_gradient(const float *g, const float *x, const float *w, const float *mean,
                                               const float *inverse, float *out, long long rows, int columns) {
  long long at = (long long)blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32, row = at * columns;
  if (at >= rows) return;
  float m = mean[at], s = inverse[at];
  g += row, x += row, out += row;
  if (columns % 4 == 0 && columns <= 1024 && whole4(g, x, w, out)) {
    if (columns <= 512) return gradient_row<4>(g, x, w, m, s, out, columns);
    if (columns <= 768) return gradient_row<6>(g, x, w, m, s, out, columns);
    return gradient_row<8>(g, x, w, m, s, out, columns);
  }
  int lane = threadIdx.x % 32;
  float level = 0, slope = 0;
  for (int c = lane; c < columns; c += 32) {
    float h = g[c] * w[c];
    level += h;
    slope += h * (x[c] - m) * s;
  }
  level = warp_sum(level) / columns;
  slope = warp_sum(slope) / columns;
  for (int c = lane; c < columns; c += 32) out[c] = s * (g[c] * w[c] - level - (x[c] - m) * s * slope);
}

// A row of at most 32 N numbers, x + m, as shares, by a warp.
template <int N> __device__ void shares(const float *x, const float *m, float *out, int columns) {
  int lane = threadIdx.x % 32;
  float v[N], top = NEVER, sum = 0;
#pragma unroll
  for (int i = 0; i < N; i++) {
    int c = lane + 32 * i;
    v[i] = c < columns ? x[c] + m[c] : NEVER;
    top = fmaxf(top, v[i]);
  }
  top = warp_max(top);
#pragma unroll
  for (int i = 0; i < N; i++) {
    v[i] = lane + 32 * i < columns ? expf(v[i] - top) : 0;
    sum += v[i];
  }
  sum = warp_sum(sum);
#pragma unroll
  for (int i = 0; i < N; i++) {
    int c = lane + 32 * i;
    if (c < columns) out[c] = v[i] / sum;
  }
}

// softmax(x + m), m being the same for so many rows that follow each other: a warp for each row.
extern "C" __global__ void masked_softmax(const float *x, const float *m, float *out, long long rows, long long same,
                                          int columns) {
  long long r = (long long)blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
  if (r >= rows) return;
  x += r * columns;
  out += r * columns;
  m += r / same * columns;
  if (columns <= 128) return shares<4>(x, m, out, columns);
  if (columns <= 256) return shares<8>(x, m, out, columns);
  if (columns <= 512) return shares<16>(x, m, out, columns);
  float top = NEVER, sum = 0;
  for (int c = threadIdx.x % 32; c < columns; c += 32) top = fmaxf(top, x[c] + m[c]);
  top = warp_max(top);
  for (int c = threadIdx.x % 32; c < columns; c += 32) {
    float v = expf(x[c] + m[c] - top);
    out[c] = v;
    sum += v;
  }
  sum = warp_sum(sum);
  for (int c = threadIdx.x % 32; c < columns; c += 32) out[c] /= sum;
}

// y (g - sum(g y)): a warp for each row.
extern "C" __global__ void softmax_gradient(const float *g, const float *y, float *out, long long rows, int columns) {
  long long r = (long long)blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
  if (r >= rows) return;
  long long row = r * columns;
  float sum = 0;
  for (int c = threadIdx.x % 32; c < columns; c += 32) sum += g[row + c] * y[row + c];
  sum = warp_sum(sum);
  for (int c = threadIdx.x % 32; c < columns; c += 32) out[row + c] = y[row + c] * (g[row + c] - sum);
}

// Adds the sums of columns to zeros: a block for 32 columns of some rows.
extern "C" __global__ void column_sum(const float *g, float *out, long long rows, int columns, int part) {
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
  int c = blockIdx.x * 32 + lane;
  long long from = (long long)blockIdx.y * part, to = from + part < rows ? from + part : rows;
  float sum = 0;
  if (c < columns) {
#pragma unroll 4
    for (long long r = from + warp; r < to; r += warps) sum += g[r * columns + c];
  }
  __shared__ float parts[32][33];
  parts[warp][lane] = sum;
  __syncthreads();
  if (warp > 0 || c >= columns) return;
  for (int w = 1; w < warps; w++) sum += parts[w][lane];
  atomicAdd(out + c, sum);
}

// Where a thread of split_heads and join_heads is: a block for 32 tokens of 64 numbers of a head, 16 threads for a token,
// four numbers each.
struct Place {
  int tokens, size, token, number, head, part;
  long long batch, heads, wide;
  __device__ Place(int tokens, int heads, int size) : tokens(tokens), size(size), heads(heads) {
    long long i = blockIdx.x;
    int across = (tokens + 31) / 32, down = (size + 63) / 64;
    token = i % across * 32, i /= across;
    number = i % down * 64, i /= down;
    head = i % heads, i /= heads;
    part = i % 3;
    batch = i / 3;
    wide = 3LL * heads * size;
  }
  // The number at this token and number in (batch, tokens, 3 heads size), its bias, and a head by itself.
  __device__ long long flat(int t, int n) const { return (batch * tokens + t) * wide + bias(n); }
  __device__ int bias(int n) const { return (part * heads + head) * size + n; }
  __device__ long long straight(int t, int n) const { return ((batch * heads + head) * tokens + t) * size + n; }
  __device__ long long turned(int t, int n) const { return ((batch * heads + head) * size + n) * tokens + t; }
};

// x + b, (batch, tokens, 3 heads size), as three tensors (batch, heads, tokens, size), the last with (size, tokens).
extern "C" __global__ void split_heads(const float *x, const float *b, float *first, float *second, float *turned,
                                       int tokens, int heads, int size) {
  Place at(tokens, heads, size);
  __shared__ float tile[32][65];
  float *straight = at.part == 0 ? first : second;
  bool whole = size % 4 == 0 && whole4(x, b, first, second);
  int n = at.number + threadIdx.x % 16 * 4;
  for (int r = threadIdx.x / 16; r < 32; r += blockDim.x / 16) {
    int t = at.token + r;
    if (t >= tokens) break;
    if (whole && n < size) {
      float4 v = load4(x, at.flat(t, n)), c = load4(b, at.bias(n));
      v = make_float4(v.x + c.x, v.y + c.y, v.z + c.z, v.w + c.w);
      if (at.part < 2) {
        store4(straight, at.straight(t, n), v);
      } else {
        float *to = &tile[r][n - at.number];
        to[0] = v.x, to[1] = v.y, to[2] = v.z, to[3] = v.w;
      }
    }
    for (int k = n; !whole && k < n + 4 && k < size; k++) {
      float v = x[at.flat(t, k)] + b[at.bias(k)];
      if (at.part < 2) straight[at.straight(t, k)] = v;
      else tile[r][k - at.number] = v;
    }
  }
  if (at.part < 2) return;
  __syncthreads();
  int t = at.token + threadIdx.x % 32;
  for (int k = threadIdx.x / 32; k < 64; k += blockDim.x / 32) {
    if (t < tokens && at.number + k < size) turned[at.turned(t, at.number + k)] = tile[threadIdx.x % 32][k];
  }
}

// The other way round, without b.
extern "C" __global__ void join_heads(const float *first, const float *second, const float *turned, float *out,
                                      int tokens, int heads, int size) {
  Place at(tokens, heads, size);
  __shared__ float tile[32][65];
  const float *straight = at.part == 0 ? first : second;
  bool whole = size % 4 == 0 && whole4(first, second, out, out);
  if (at.part == 2) {
    int t = at.token + threadIdx.x % 32;
    for (int k = threadIdx.x / 32; k < 64; k += blockDim.x / 32) {
      if (t < tokens && at.number + k < size) tile[threadIdx.x % 32][k] = turned[at.turned(t, at.number + k)];
    }
    __syncthreads();
  }
  int n = at.number + threadIdx.x % 16 * 4;
  for (int r = threadIdx.x / 16; r < 32; r += blockDim.x / 16) {
    int t = at.token + r;
    if (t >= tokens) break;
    const float *from = &tile[r][n - at.number];
    if (whole && n < size) {
      float4 v = at.part < 2 ? load4(straight, at.straight(t, n)) : make_float4(from[0], from[1], from[2], from[3]);
      store4(out, at.flat(t, n), v);
    }
    for (int k = n; !whole && k < n + 4 && k < size; k++) {
      out[at.flat(t, k)] = at.part < 2 ? straight[at.straight(t, k)] : tile[r][k - at.number];
    }
  }
}

// Pieces, and where each begins in what lies one after the other: a block for some numbers of one.
#define PIECES 128

struct Pieces {
  float *piece[PIECES];
  long long start[PIECES + 1];
};

extern "C" __global__ void split_pieces(const float *flat, Pieces pieces) {
  long long start = pieces.start[blockIdx.y], size = pieces.start[blockIdx.y + 1] - start;
  long long at = (long long)blockIdx.x * blockDim.x * EACH + threadIdx.x;
#pragma unroll
  for (int i = 0; i < EACH; i++, at += blockDim.x) {
    if (at < size) pieces.piece[blockIdx.y][at] = flat[start + at];
  }
}

// Zeros for pieces that are nowhere.
extern "C" __global__ void join_pieces(float *flat, Pieces pieces) {
  const float *piece = pieces.piece[blockIdx.y];
  long long start = pieces.start[blockIdx.y], size = pieces.start[blockIdx.y + 1] - start;
  long long at = (long long)blockIdx.x * blockDim.x * EACH + threadIdx.x;
#pragma unroll
  for (int i = 0; i < EACH; i++, at += blockDim.x) {
    if (at < size) flat[start + at] = piece ? piece[at] : 0;
  }
}
