package tracing

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// A span arrives at the collector, with what the variables say of the process.
func TestWhatIsLeftIsSentAtTheEnd(t *testing.T) {
	arrived := make(chan *collector.ExportTraceServiceRequest, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		request := &collector.ExportTraceServiceRequest{}
		if err := proto.Unmarshal(body, request); err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("got %s: %v", r.URL.Path, err)
		}
		arrived <- request
	}))
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	t.Setenv("OTEL_SERVICE_NAME", "shop")
	t.Setenv("SERVICE_VERSION", "1a2b")
	stop := Start(context.Background())
	_, span := otel.Tracer("test").Start(context.Background(), "work")
	span.End()
	stop()
	resource := (<-arrived).ResourceSpans[0]
	if got := resource.ScopeSpans[0].Spans[0].Name; got != "work" {
		t.Errorf("got %q", got)
	}
	said := map[string]string{}
	for _, one := range resource.Resource.Attributes {
		said[one.Key] = one.Value.GetStringValue()
	}
	if said["service.name"] != "shop" || said["service.version"] != "1a2b" {
		t.Errorf("got %v", said)
	}
}

// One that is gone is waited for no longer than the process may take to end.
func TestACollectorThatIsGoneHurtsNobody(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	stop, begun := Start(context.Background()), time.Now()
	_, span := otel.Tracer("test").Start(context.Background(), "work")
	span.End()
	stop()
	if took := time.Since(begun); took > patience+time.Second {
		t.Errorf("it took %s", took)
	}
}
