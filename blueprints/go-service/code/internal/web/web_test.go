package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, app *App, path string) (int, string) {
	t.Helper()
	answer := httptest.NewRecorder()
	app.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
	return answer.Code, answer.Body.String()
}

// asked is what the port of operations answers.
func asked(app *App, path string) (int, string) {
	answer := httptest.NewRecorder()
	app.Operations().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
	return answer.Code, answer.Body.String()
}

func mustHave(t *testing.T, app *App, line string) {
	t.Helper()
	if _, text := asked(app, "/metrics"); !strings.Contains(text, line+"\n") {
		t.Errorf("no line %q in\n%s", line, text)
	}
}

// `/` names the service and gives its summary.
func TestTheIndexSaysWhatTheServiceIs(t *testing.T) {
	status, body := get(t, New(), "/")
	var said map[string]string
	if err := json.Unmarshal([]byte(body), &said); err != nil {
		t.Fatal(err)
	}
	if status != 200 || said["service"] != Service || said["summary"] != Summary {
		t.Errorf("got %d %v", status, said)
	}
}

// `/healthz` is 200 while the process answers, also when it stops.
func TestARunningProcessIsAlive(t *testing.T) {
	app := New()
	app.Drain()
	if status, _ := asked(app, "/healthz"); status != 200 {
		t.Errorf("got %d", status)
	}
}

// What is for Kubernetes and Prometheus is not served on the port that others reach.
func TestOperationsHaveAPortOfTheirOwn(t *testing.T) {
	app := New()
	for _, path := range []string{"/healthz", "/metrics"} {
		if status, _ := get(t, app, path); status != 404 {
			t.Errorf("%s: got %d", path, status)
		}
	}
}

// `/readyz` turns from 200 to 503 when the process starts to stop.
func TestAStoppingProcessIsNotReady(t *testing.T) {
	app := New()
	if status, _ := get(t, app, "/readyz"); status != 200 {
		t.Errorf("got %d before", status)
	}
	app.Drain()
	if status, _ := get(t, app, "/readyz"); status != 503 {
		t.Errorf("got %d after", status)
	}
}

// A request counts once, in the counter and in the histogram, by method, route and status.
func TestRequestsAreCountedUnderTheirRoute(t *testing.T) {
	app := New()
	get(t, app, "/")
	mustHave(t, app, `http_requests_total{method="GET",route="/",status="200"} 1`)
	mustHave(t, app, `http_request_duration_seconds_count{method="GET",route="/"} 1`)
}

// Paths that no route matches do not become labels.
func TestUnknownPathsShareOneLabel(t *testing.T) {
	app := New()
	get(t, app, "/no/such/1")
	get(t, app, "/no/such/2")
	mustHave(t, app, `http_requests_total{method="GET",route="unmatched",status="404"} 2`)
}

// Nor do methods that somebody made up.
func TestUnknownMethodsShareOneLabel(t *testing.T) {
	app := New()
	for _, method := range []string{"BREW", "WHEN"} {
		app.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, "/", nil))
	}
	mustHave(t, app, `http_requests_total{method="other",route="/",status="200"} 2`)
}

// Probes and scrapes leave no trace in the request metrics.
func TestProbesAreNotCounted(t *testing.T) {
	app := New()
	asked(app, "/healthz")
	get(t, app, "/readyz")
	if _, text := asked(app, "/metrics"); strings.Contains(text, "http_requests_total{") {
		t.Errorf("got\n%s", text)
	}
}

// A request whose handler panics is answered and counted with status 500.
func TestACrashCountsAsAServerError(t *testing.T) {
	app := New()
	app.handle("/crash", "/crash", func(http.ResponseWriter, *http.Request) { panic("on purpose") })
	if status, _ := get(t, app, "/crash"); status != 500 {
		t.Errorf("got %d", status)
	}
	mustHave(t, app, `http_requests_total{method="GET",route="/crash",status="500"} 1`)
}

// What the process uses is measured under the names that the alerts read.
func TestTheProcessIsMeasured(t *testing.T) {
	_, text := asked(New(), "/metrics")
	for _, name := range []string{"process_open_fds", "process_max_fds", "process_resident_memory_bytes"} {
		if !strings.Contains(text, "\n"+name+" ") {
			t.Errorf("no %s", name)
		}
	}
}
