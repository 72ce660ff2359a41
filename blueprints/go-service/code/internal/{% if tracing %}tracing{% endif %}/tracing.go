// Package tracing sends traces to a collector by OTLP over HTTP. The variables OTEL_* say how:
// https://opentelemetry.io/docs/languages/sdk-configuration/
package tracing

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// patience is how long the end of the process waits for the collector to take what is left.
const patience = 3 * time.Second

// Start has spans made from now on; call what it gives at the end. Where no endpoint is set, only
// their ids are used, in the logs. They are sent aside, and what the collector does not take in time
// is dropped: whatever is wrong with it, the service goes on.
func Start(ctx context.Context) (stop func()) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		slog.Warn("traces", "error", err.Error())
	}))
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(
		propagation.TraceContext{}, propagation.Baggage{},
	))
	version := cmp.Or(os.Getenv("SERVICE_VERSION"), "unknown")
	process, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		otel.Handle(err)
	}
	options := []sdk.TracerProviderOption{sdk.WithResource(process)}
	if cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"), os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")) != "" {
		if exporter, err := otlptracehttp.New(ctx); err != nil {
			otel.Handle(err)
		} else {
			options = append(options, sdk.WithBatcher(exporter))
		}
	}
	provider := sdk.NewTracerProvider(options...)
	otel.SetTracerProvider(provider)
	return func() {
		limit, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := provider.Shutdown(limit); err != nil {
			otel.Handle(err)
		}
	}
}
