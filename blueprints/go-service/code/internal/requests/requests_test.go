package requests

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// handled is the id in the answer to a request that sent one, and that in the line it logged.
func handled(t *testing.T, sent string) (answered, logged string) {
	t.Helper()
	var lines bytes.Buffer
	logger := slog.New(Logs(slog.NewJSONHandler(&lines, nil))).With("shop", 1)
	handler := Identify(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		logger.InfoContext(r.Context(), "handled")
	}))
	request, answer := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
	if sent != "" {
		request.Header.Set(Header, sent)
	}
	handler.ServeHTTP(answer, request)
	var entry struct {
		ID string `json:"request_id"`
	}
	if err := json.Unmarshal(lines.Bytes(), &entry); err != nil {
		t.Fatal(err)
	}
	return answer.Header().Get(Header), entry.ID
}

// So a request can be followed through all that it goes through.
func TestAnIDIsKept(t *testing.T) {
	const id = "checkout.7f3a-01_b"
	if answered, logged := handled(t, id); answered != id || logged != id {
		t.Errorf("got %q, logged %q", answered, logged)
	}
}

// A new one each time.
func TestARequestWithoutAnIDGetsOne(t *testing.T) {
	one, logged := handled(t, "")
	other, _ := handled(t, "")
	if len(one) < 20 || one == other || one != logged {
		t.Errorf("got %q, then %q, logged %q", one, other, logged)
	}
}

// Nor may it be long.
func TestAnIDThatCouldForgeLogsIsReplaced(t *testing.T) {
	for _, sent := range []string{
		strings.Repeat("a", 65), "two words", `7", "level": "error`, "a;b", "é", "a\n",
	} {
		if answered, _ := handled(t, sent); !sane.MatchString(answered) || answered == sent {
			t.Errorf("%q: got %q", sent, answered)
		}
	}
}

// A line of no request has none.
func TestOtherLinesAreAsTheyWere(t *testing.T) {
	var lines bytes.Buffer
	slog.New(Logs(slog.NewJSONHandler(&lines, nil))).WithGroup("shop").Info("begun")
	if strings.Contains(lines.String(), "request_id") {
		t.Errorf("got %s", lines.String())
	}
}
