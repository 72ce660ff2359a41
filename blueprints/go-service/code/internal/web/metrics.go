package web

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics is what Prometheus reads: alerts and the dashboard are built on these names.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func newMetrics() *metrics {
	made := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_total",
			Help: "Requests answered",
		}, []string{"method", "route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds",
			Help: "Time from request to the end of the answer",
		}, []string{"method", "route"}),
	}
	made.registry.MustRegister(
		made.requests,
		made.duration,
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewGoCollector(),
	)
	return made
}

// watch counts, times and logs each request under its route; a handler that panics is a 500.
func (m *metrics) watch(route string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, seen := time.Now(), &seenWriter{ResponseWriter: w}
		defer func() {
			if why := recover(); why != nil {
				slog.ErrorContext(r.Context(), "a handler panicked", "route", route, "reason", why, "stack", string(debug.Stack()))
				if seen.status == 0 {
					http.Error(seen, "internal error", http.StatusInternalServerError)
				}
				seen.status = http.StatusInternalServerError
			}
			m.record(r, route, max(seen.status, http.StatusOK), time.Since(start).Seconds())
		}()
		next.ServeHTTP(seen, r)
	})
}

func (m *metrics) record(r *http.Request, route string, status int, seconds float64) {
	m.requests.WithLabelValues(known(r.Method), route, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(known(r.Method), route).Observe(seconds)
	slog.InfoContext(r.Context(), "request", "method", r.Method, "route", route, "status", status, "seconds", seconds)
}

// known keeps a client from making time series of its own by methods that there are not.
func known(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// seenWriter remembers the status that was sent.
type seenWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader sends the status.
func (w *seenWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write sends a part of the body, and 200 if no status was sent.
func (w *seenWriter) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(data)
}

// Unwrap lets http.ResponseController find what the writer can do besides.
func (w *seenWriter) Unwrap() http.ResponseWriter {
	return w.ResponseWriter
}
