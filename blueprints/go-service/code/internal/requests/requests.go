// Package requests gives each request an id: it is in the answer, and in each line that is logged
// with the request's context.
package requests

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"regexp"
)

// Header has the id, in the request and in the answer.
const Header = "X-Request-Id"

// Anybody may send one, and it gets into logs and to other services: short, and of nothing else.
var sane = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

type key struct{}

// Identify takes the id that a request has, or makes one.
func Identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(Header)
		if !sane.MatchString(id) {
			id = rand.Text()
		}
		w.Header().Set(Header, id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, id)))
	})
}

// Logs adds the id to what is logged with a request's context, as by slog.InfoContext.
func Logs(next slog.Handler) slog.Handler {
	return handler{next}
}

type handler struct{ slog.Handler }

// Handle writes one record.
func (h handler) Handle(ctx context.Context, record slog.Record) error {
	if id, there := ctx.Value(key{}).(string); there {
		record.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs is a handler whose records have these as well.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

// WithGroup is a handler that has what follows in a group.
func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name)}
}
