/** What a region offers, as far as this system would use it. */
export interface RegionFeatures {
  /** X-Ray for Lambda. */
  readonly tracing: boolean;
  /** Metrics of what an event source mapping polled, left out, passed on and dropped. */
  readonly eventSourceMappingMetrics: boolean;
}

const chinaFeatures: RegionFeatures = { tracing: false, eventSourceMappingMetrics: false };
const commercialFeatures: RegionFeatures = { tracing: true, eventSourceMappingMetrics: true };

/** In China less is there (docs.amazonaws.cn, "Getting Started with Amazon Web Services in China", Lambda). */
export function regionFeatures(region: string): RegionFeatures {
  return region.startsWith('cn-') ? chinaFeatures : commercialFeatures;
}
