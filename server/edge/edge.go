package edge

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/prometheus/client_golang/prometheus"
)

// Options says around what an edge is put.
type Options struct {
	Handler http.Handler
	Log     *slog.Logger          // the access log is written at level Info
	Metrics prometheus.Registerer // nil: none are kept
	Now     func() time.Time
	Secure  bool      // it is reached by HTTPS
	Proxies []Network // through which requests come: they are believed from where
	Origins Origins
}

// minGzip is the size in bytes from which an answer is worth compressing.
const minGzip = 1 << 10

// Wrap puts the edge around a handler.
func Wrap(o Options) (http.Handler, error) {
	squeeze, err := gzhttp.NewWrapper(gzhttp.MinSize(minGzip), gzhttp.CompressionLevel(1), gzhttp.EnableZstd(false))
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	m, err := newMeters(o.Metrics)
	if err != nil {
		return nil, err
	}
	return &edge{next: squeeze(o.Handler), log: o.Log, meters: m, now: o.Now, headers: headers(o.Secure), proxies: o.Proxies, origins: o.Origins}, nil
}

type edge struct {
	next    http.Handler
	log     *slog.Logger
	meters  *meters
	now     func() time.Time
	headers http.Header
	proxies []Network
	origins Origins
}

// ServeHTTP answers one request.
func (e *edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := e.now()
	id := requestID(r)
	r.Header.Set(header, id)
	w.Header().Set(header, id)
	put(w.Header(), e.headers)
	if len(e.proxies) > 0 {
		r.RemoteAddr = sender(r, e.proxies)
	}
	seen := &witness{ResponseWriter: w}
	e.meters.enter()
	defer func() {
		p := recover()
		e.broken(seen, id, p)
		e.done(r, seen, id, e.now().Sub(start))
		if p == http.ErrAbortHandler { //nolint:errorlint // the HTTP server compares so, too
			panic(p)
		}
	}()
	if !e.origins.let(seen, r) {
		e.next.ServeHTTP(seen, r)
	}
}

// broken ends a request whose handler panicked and did not see to it itself.
func (e *edge) broken(w *witness, id string, p any) {
	if p == nil || p == http.ErrAbortHandler { //nolint:errorlint // see above
		return
	}
	e.log.Error("panic", slog.String("request", id), slog.Any("panic", p))
	if w.status == 0 {
		http.Error(w, "an internal error happened; it is in the log under request "+id, http.StatusInternalServerError)
	}
}

func (e *edge) done(r *http.Request, w *witness, id string, took time.Duration) {
	route := r.Pattern
	if route == "" {
		route = "(none)"
	}
	e.meters.leave(route, method(r), w.code(), took)
	if e.log.Enabled(r.Context(), slog.LevelInfo) {
		e.log.LogAttrs(r.Context(), slog.LevelInfo, "request",
			slog.String("request", id), slog.String("method", method(r)), slog.String("route", route),
			slog.Int("status", w.code()), slog.Int64("bytes", w.bytes), slog.Float64("ms", float64(took.Microseconds())/1000))
	}
}

// method keeps what a caller may make up out of logs and metrics.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "OTHER"
}
