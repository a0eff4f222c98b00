export interface TracingSettings {
  /** Of a collector, for traces over OTLP/HTTP. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What is said of this server with every trace, `service.name` among it. */
  readonly resource: Readonly<Record<string, string>>;
  readonly sampler: (typeof SAMPLERS)[number];
  /** From 0 to 1, for the samplers by share. */
  readonly sampledShare: number;
}

export const SAMPLERS = [
  "parentbased_always_on",
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
