// The kernels of CudaKernels, compiled when they are first needed. All tensors are float32 and dense.

#define EACH 4 // numbers of a thread where each is by itself

__device__ float warp_sum(float x) {
  for (int step = 16; step > 0; step /= 2) x += __shfl_xor_sync(0xffffffffu, x, step);
  return x;
}

// The slope of u P(u), P the normal distribution: P(u) + u exp(-u^2 / 2) / sqrt(2 pi).
__device__ float gelu_slope(float u) {
  return 0.5f + 0.5f * erff(u * 0.707106781f) + u * 0.398942280f * expf(-0.5f * u * u);
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
  long long at = (long long)blockIdx.x * blockDim.x * EACH + threadIdx.x;
  float u[EACH], y[EACH];
#pragma unroll
  for (int i = 0; i < EACH; i++) {
    long long k = at + (long long)i * blockDim.x;
    u[i] = k < count ? x[k] + b[(unsigned)k % (unsigned)columns] : 0;
    y[i] = k < count ? g[k] : 0;
  }
#pragma unroll
  for (int i = 0; i < EACH; i++) {
    long long k = at + (long long)i * blockDim.x;
    if (k < count) out[k] = y[i] * gelu_slope(u[i]);
  }
}

// x + r + b, b being of the last axis; fewer than 2^32 numbers.
extern "C" __global__ void add_bias(const float *x, const float *r, const float *b, float *out, long long count,
                                    int columns) {
  long long at = (long long)blockIdx.x * blockDim.x * EACH + threadIdx.x;
  float sum[EACH];
#pragma unroll
  for (int i = 0; i < EACH; i++) {
    long long k = at + (long long)i * blockDim.x;
    sum[i] = k < count ? x[k] + b[(unsigned)k % (unsigned)columns] + r[k] : 0;
  }
#pragma unroll
  for (int i = 0; i < EACH; i++) {
    long long k = at + (long long)i * blockDim.x;
    if (k < count) out[k] = sum[i];
  }
}

// inv (h - mean h - n mean(h n)) with h = g w and n = (x - mean) inv: a block for each row.
extern "C" __global__ void layer_norm_gradient(const float *g, const float *x, const float *w, const float *mean,
                                               const float *inverse, float *out, int columns) {
  long long row = (long long)blockIdx.x * columns;
  float m = mean[blockIdx.x], s = inverse[blockIdx.x];
  float level = 0, slope = 0;
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    float h = g[row + c] * w[c];
    level += h;
    slope += h * (x[row + c] - m) * s;
  }
  __shared__ float parts[2][32];
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, warps = blockDim.x / 32;
  level = warp_sum(level);
  slope = warp_sum(slope);
  if (lane == 0) {
    parts[0][warp] = level;
    parts[1][warp] = slope;
  }
  __syncthreads();
  level = warp_sum(lane < warps ? parts[0][lane] : 0) / columns;
  slope = warp_sum(lane < warps ? parts[1][lane] : 0) / columns;
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    float n = (x[row + c] - m) * s;
    out[row + c] = s * (g[row + c] * w[c] - level - n * slope);
  }
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
