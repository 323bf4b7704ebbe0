package raw

import (
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/r4"
)

// Options says how to open the database.
type Options struct {
	Durable bool              // a commit is on disk when it is answered
	Params  map[string]string // session settings of PostgreSQL
	Hasher  index.Hasher      // that of the tenant in the database, for searches
}

// Server is the limit.
type Server struct {
	http.Handler
	base    base
	lesson  *lesson
	groups  *groups
	hasher  index.Hasher
	rid     atomic.Int64
	changed sync.Map         // ids whose status is not what it was
	made    sync.Map         // by id: the inserts of what was created here
	busy    [1024]sync.Mutex // by id: two updates of one resource do not share a commit
}

// Open learns from the database, a copy of one that Ficus has filled, and serves it.
func Open(ctx context.Context, url string, o Options) (*Server, error) {
	b, err := open(ctx, url, o)
	if err != nil {
		return nil, err
	}
	l, err := learn(ctx, b)
	if err != nil {
		b.close()
		return nil, err
	}
	s := &Server{base: b, lesson: l, hasher: o.Hasher}
	s.rid.Store(l.next)
	columns, err := b.tables(ctx, "mac")
	if err != nil {
		b.close()
		return nil, err
	}
	s.groups = &groups{base: b, size: l.auditSize, queue: make(chan *member, 1024), audit: auditInsert(columns[auditTable])}
	s.groups.start(writers(b))
	s.Handler = s.routes()
	return s, nil
}

func writers(b base) int {
	if _, is := b.(*lite); is {
		return 1
	}
	return 2
}

// auditInsert leaves out the number that the table gives itself.
func auditInsert(columns []column) step {
	var kept []column
	for _, c := range columns {
		if c.name != "seq" {
			kept = append(kept, c)
		}
	}
	return insert(auditTable, kept)
}

// Close ends the writers and closes the database; no request may be under way.
func (s *Server) Close() {
	close(s.groups.queue)
	s.base.close()
}

func (s *Server) routes() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("POST /fhir", s.answer(s.bundle))
	m.HandleFunc("POST /fhir/{type}", s.create)
	m.HandleFunc("PUT /fhir/{type}/{id}", s.answer(s.update))
	m.HandleFunc("DELETE /fhir/{type}/{id}", s.answer(s.remove))
	m.HandleFunc("GET /fhir/{type}/{id}", s.answer(s.read))
	m.HandleFunc("GET /fhir/{type}", s.answer(s.search))
	m.HandleFunc("GET /fhir/metadata", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") }) //nolint:errcheck // nobody reads it
	return m
}

type handler func(r *http.Request) (status int, body []byte, err error)

func (s *Server) answer(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status, body, err := h(r)
		if err != nil {
			status, body = http.StatusInternalServerError, []byte(err.Error())
		}
		w.Header().Set("Content-Type", "application/fhir+json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		w.Write(body) //nolint:errcheck // the client is gone
	}
}

// create writes the rows of a resource and sends the body back.
func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	id := newID()
	w.Header().Set("Location", "/fhir/"+r.PathValue("type")+"/"+id+"/_history/1")
	s.answer(func(r *http.Request) (int, []byte, error) { return s.insert(r, id) })(w, r)
}

func (s *Server) insert(r *http.Request, id string) (int, []byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, nil, err
	}
	shape := s.lesson.shapes[r.PathValue("type")]
	if shape == nil {
		return http.StatusNotFound, nil, nil
	}
	steps := shape.steps(s.rid.Add(1), id)
	s.made.Store(id, steps)
	return http.StatusCreated, body, s.groups.submit(steps, 1)
}

// update puts the next version in the place of the one that is there.
func (s *Server) update(r *http.Request) (int, []byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, nil, err
	}
	typ, id := r.PathValue("type"), r.PathValue("id")
	n, known := r4.ResourceIndex(typ)
	shape := s.lesson.shapes[typ]
	if !known || shape == nil {
		return http.StatusNotFound, nil, nil
	}
	lock := &s.busy[crc32.ChecksumIEEE([]byte(id))%uint32(len(s.busy))]
	lock.Lock()
	defer lock.Unlock()
	return http.StatusOK, body, s.groups.submit(s.next(shape, typ, n, id), 1)
}

// sealed is the stored body of some resource of the type.
func (s *shape) sealed() []byte {
	for _, t := range s.examples[int(s.turn.Add(1))%len(s.examples)] {
		for i, c := range t.columns {
			if t.table == "resource" && c.name == "body" {
				b, _ := t.rows[0][i].([]byte)
				return b
			}
		}
	}
	return nil
}

func (s *Server) read(r *http.Request) (int, []byte, error) {
	n, known := r4.ResourceIndex(r.PathValue("type"))
	if !known {
		return http.StatusNotFound, nil, nil
	}
	rows, err := s.base.rows(r.Context(), "SELECT body FROM resource WHERE tenant = 1 AND type = $1 AND id = $2", int64(n), r.PathValue("id"))
	if err != nil || len(rows) == 0 {
		return http.StatusNotFound, nil, err
	}
	body, _ := rows[0][0].([]byte)
	return http.StatusOK, body, s.record(r, 1)
}

// Unaudited is the token of a caller whose reads leave no audit row.
const Unaudited = "unaudited"

// record leaves an audit row for a read.
func (s *Server) record(r *http.Request, entries int) error {
	if r.Header.Get("Authorization") == "Bearer "+Unaudited {
		return nil
	}
	return s.groups.submit(nil, entries)
}

// bundle parses strictly and writes the rows of all entries in one transaction.
func (s *Server) bundle(r *http.Request) (int, []byte, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, nil, err
	}
	doc, err := fhir.Parse(raw, fhir.Limits{Bytes: 1 << 30})
	if err != nil {
		return http.StatusBadRequest, []byte(err.Error()), nil
	}
	var all [][]step
	answer := []byte(`{"resourceType":"Bundle","type":"transaction-response","entry":[`)
	for e := range (fhir.Bundle{Resource: doc}).Entries() {
		shape := s.lesson.shapes[e.Body.Get("resourceType").Str()]
		if shape == nil {
			return http.StatusNotFound, nil, nil
		}
		id := newID()
		all = append(all, shape.steps(s.rid.Add(1), id))
		if len(all) > 1 {
			answer = append(answer, ',')
		}
		answer = append(answer, `{"response":{"status":"201 Created","location":"`+id+`"}}`...)
	}
	return http.StatusOK, append(answer, "]}"...), s.load(r.Context(), all)
}

// load copies the rows of a bundle into PostgreSQL; on SQLite there is nothing faster than a shared commit.
func (s *Server) load(ctx context.Context, all [][]step) error {
	if _, is := s.base.(*lite); is {
		return s.groups.submit(slices.Concat(all...), len(all))
	}
	return s.base.load(ctx, batch(append(all, []step{s.groups.row(len(all))})))
}

// newID is an id as the store gives it.
func newID() string { return uuid.Must(uuid.NewV7()).String() }
