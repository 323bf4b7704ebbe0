package rest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/patch"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// shelf is a Desk over a slice: it keeps what is written and answers searches with all
// there is. Conditions are the real store's business; the tests of app hold it to them.
type shelf struct {
	list     []store.Version
	room     func(int64) error
	err      error              // returned by everything
	asked    search.Query       // by the last search
	history  store.HistoryQuery // of the last history
	opts     int                // options of the last write
	query    string             // of the last conditional delete
	next     string
	included []store.Version
	panics   any
	wait     bool
	params   *r4.ParamSet
}

var noon = time.Date(2026, 1, 2, 12, 0, 0, 654321000, time.UTC)

func (s *shelf) Params(context.Context) (*r4.ParamSet, error) { return s.params, nil }

func (s *shelf) fail(ctx context.Context) error {
	if s.panics != nil {
		panic(s.panics)
	}
	if s.wait {
		<-ctx.Done()
		return ctx.Err()
	}
	return s.err
}

func (s *shelf) Read(ctx context.Context, typ, id string) (store.Version, error) {
	for _, v := range s.list {
		if v.Type == typ && v.ID == id {
			if v.Deleted {
				return v, fault.New(fault.Gone, "deleted")
			}
			return v, s.fail(ctx)
		}
	}
	if err := s.fail(ctx); err != nil {
		return store.Version{}, err
	}
	return store.Version{}, fault.New(fault.Unknown, "there is no such %s", typ)
}

func (s *shelf) VRead(ctx context.Context, typ, id, version string) (store.Version, error) {
	if version != "1" {
		return store.Version{}, fault.New(fault.Unknown, "no such version")
	}
	return s.Read(ctx, typ, id)
}

func (s *shelf) Create(ctx context.Context, r fhir.Resource, opts ...store.Option) (store.Result, error) {
	return s.write(ctx, store.Created, r, "new", store.Post, opts)
}

func (s *shelf) Update(ctx context.Context, r fhir.Resource, opts ...store.Option) (store.Result, error) {
	effect := store.Updated
	if r.ID() == "fresh" {
		effect = store.Created
	}
	return s.write(ctx, effect, r, r.ID(), store.Put, opts)
}

func (s *shelf) write(ctx context.Context, e store.Effect, r fhir.Resource, id string, m store.Method, opts []store.Option) (store.Result, error) {
	if err := errors.Join(ctx.Err(), s.fail(ctx)); err != nil {
		return store.Result{}, err
	}
	s.opts = len(opts)
	body, err := fhir.Stamp(r, id, "1", noon)
	v := store.Version{Type: r.Type(), ID: id, Number: 1, Updated: noon, Method: m, Body: body}
	s.list = append(s.list, v)
	return store.Result{Version: v, Effect: e}, err
}

func (s *shelf) Delete(ctx context.Context, typ, id string, opts ...store.Option) (store.Result, error) {
	s.opts = len(opts)
	if id == "none" {
		return store.Result{Version: store.Version{Type: typ, ID: id, Method: store.Delete}, Effect: store.Unchanged}, nil
	}
	return store.Result{Version: store.Version{Type: typ, ID: id, Number: 2, Deleted: true}, Effect: store.Removed}, s.fail(ctx)
}

func (s *shelf) Patch(ctx context.Context, typ, id string, p patch.Patch, opts ...store.Option) (store.Result, error) {
	v, err := s.Read(ctx, typ, id)
	if err != nil {
		return store.Result{}, err
	}
	if err := s.room(int64(len(v.Body))); err != nil {
		return store.Result{}, err
	}
	old, err := fhir.Parse(v.Body, fhir.Limits{})
	if err != nil {
		return store.Result{}, err
	}
	r, err := p.Apply(nil, old)
	if err != nil {
		return store.Result{}, err
	}
	return s.write(ctx, store.Updated, r, id, store.Patch, opts)
}

func (s *shelf) DeleteWhere(ctx context.Context, typ, query string, opts ...store.Option) ([]store.Result, error) {
	s.opts, s.query = len(opts), query
	return []store.Result{{Version: store.Version{Type: typ, ID: "1", Number: 2, Deleted: true}, Effect: store.Removed}}, s.fail(ctx)
}

func (s *shelf) History(ctx context.Context, q store.HistoryQuery) (store.Page, error) {
	s.history = q
	return store.Page{Entries: s.list, Total: -1, Next: s.next}, s.fail(ctx)
}

func (s *shelf) Search(ctx context.Context, q search.Query) (store.Page, error) {
	s.asked = q
	total := int64(-1)
	if q.Total == search.TotalAccurate {
		total = int64(len(s.list))
	}
	if q.Count == 0 {
		return store.Page{Total: total}, s.fail(ctx)
	}
	return store.Page{Entries: s.list, Included: s.included, Total: total, Next: s.next}, s.fail(ctx)
}

func (s *shelf) Veil(_ context.Context, place, query string) (string, error) {
	return base64.RawURLEncoding.EncodeToString([]byte(place + " " + query)), nil
}

func (s *shelf) Unveil(_ context.Context, place, text string) (string, error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	at, query, _ := strings.Cut(string(b), " ")
	if err != nil || at != place {
		return "", fault.New(fault.Invalid, "not ours")
	}
	return query, nil
}

func (s *shelf) Transaction(ctx context.Context, b fhir.Bundle) ([]store.Reply, error) {
	return s.BatchWith(ctx, b, nil)
}

func (s *shelf) BatchWith(ctx context.Context, b fhir.Bundle, _ func(context.Context, fhir.Entry) (store.Reply, bool, error)) (out []store.Reply, err error) {
	for e := range b.Entries() {
		r := store.Reply{Method: e.Request.Method}
		switch {
		case strings.Contains(e.Request.URL, "?"):
			p, _ := s.Search(ctx, search.Query{Count: -1})
			r.Page, r.Type = &p, "Patient"
		case r.Method == "GET":
			r.Result.Version, r.Err = s.Read(ctx, "Patient", strings.TrimPrefix(e.Request.URL, "Patient/"))
		case r.Method == "DELETE":
			r.Result, r.Err = s.Delete(ctx, "Patient", "1")
		default:
			res, _ := fhir.AsResource(e.Body)
			r.Result, r.Err = s.Create(ctx, res)
		}
		out = append(out, r)
	}
	return out, s.fail(ctx)
}

func patients(n int) (list []store.Version) {
	for i := range n {
		id := "p" + strconv.Itoa(i)
		body := `{"resourceType":"Patient","id":"` + id + `","meta":{"versionId":"1"},"text":{"status":"generated","div":"<div/>"},"active":true,"name":[{"family":"Æsop ` + id + `"}],"multipleBirthInteger":1,"contact":[{"gender":"male"}],"link":[{"other":{"reference":"Patient/x"},"type":"seealso"}]}`
		list = append(list, store.Version{Type: "Patient", ID: id, Number: 1, Updated: noon, Method: store.Put, Body: []byte(body)})
	}
	return list
}

// rig is a server over a shelf.
type rig struct {
	t     *testing.T
	shelf *shelf
	http  *Server
	log   *bytes.Buffer
}

func newRig(t *testing.T, o Options) *rig {
	r := &rig{t: t, shelf: &shelf{}, log: &bytes.Buffer{}}
	o.Gate = func(q *http.Request) (access.Principal, error) {
		if q.Header.Get("Authorization") == "" || q.Header.Get("Authorization") == "Bearer wrong" {
			return access.Principal{}, fault.New(fault.Unauthorized, "no token")
		}
		return access.Principal{Tenant: 1}, nil
	}
	o.Desk = func(_ access.Principal, room func(int64) error) Desk {
		r.shelf.room = room
		return r.shelf
	}
	o.Log, o.Version, o.Started = slog.New(slog.NewTextHandler(r.log, nil)), "1.2.3", noon
	r.http = New(o)
	return r
}

// do sends a request: "METHOD path", headers as "Name: value", and a body behind an empty string.
func (r *rig) do(line string, parts ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	method, path, _ := strings.Cut(line, " ")
	var body io.Reader
	headers := http.Header{"Authorization": {"Bearer x"}, "X-Request-Id": {"req-1"}}
	for i, p := range parts {
		if p == "" && i+1 < len(parts) {
			body = strings.NewReader(parts[i+1])
			break
		}
		name, value, _ := strings.Cut(p, ": ")
		headers.Set(name, value)
		if value == "" {
			headers.Del(name)
		}
	}
	q := httptest.NewRequest(method, "http://ficus.test/", body)
	q.URL.Path, q.URL.RawQuery, _ = strings.Cut(path, "?")
	q.Header = headers
	w := httptest.NewRecorder()
	r.http.ServeHTTP(w, q)
	return w
}

// parsed is the answer's body; the test ends if it is no JSON.
func parsed(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%d %q: %v", w.Code, w.Body, err)
	}
	return out
}

// diagnostics is the text of the first issue of an OperationOutcome.
func diagnostics(t *testing.T, w *httptest.ResponseRecorder) (code, text string) {
	t.Helper()
	out := parsed(t, w)
	if out["resourceType"] != "OperationOutcome" {
		t.Fatalf("%d: no OperationOutcome: %s", w.Code, w.Body)
	}
	first := out["issue"].([]any)[0].(map[string]any)
	code, _ = first["code"].(string)
	text, _ = first["diagnostics"].(string)
	return code, text
}
