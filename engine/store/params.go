package store

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/r4"
)

// A tenant may define search parameters beside those of R4 (docs/decisions/0029-custom-search-parameters.md). The set has
// an edition, which every change of it raises. A group of writes is committed only under the edition by which its rows were
// made, so from the commit of a definition on every write has its rows; what was there before is walked through by a job.

// ParamState says how far a search parameter of a tenant is.
type ParamState int16

// The states. One that is Gone is not listed.
const (
	Building ParamState = 1 + iota // writes make its rows, and a job those of what was there before
	Whole
	Leaving // it is unknown to searches, and a job removes its rows
	Gone
)

func (s ParamState) String() string {
	return [...]string{"", "building", "whole", "leaving", "gone"}[s]
}

// OwnParam is a search parameter that a tenant has defined, and how far it is.
type OwnParam struct {
	r4.Param
	Resource string // id of the SearchParameter
	Version  string // its business version
	State    ParamState
	Job      int64 // that builds or removes its rows; 0: none yet
	Done     int64 // resources that the job has walked through
	Total    int64 // of so many; 0: not counted yet
	Faults   int64 // resources on which the expression could not be evaluated
}

// ownParams are the parameters of a tenant under one edition. It never changes.
type ownParams struct {
	edition int64
	list    []OwnParam
	set     *r4.ParamSet // what searches know
	now     *index.Own   // makes the rows that a body has
	was     *index.Own   // makes the rows that may be stored of a body
	form    IndexForm    // of the rows of R4's parameters
	least   int          // index.Edition that a process must have that writes
}

// paramBook holds what this process knows of the tenants' parameters.
type paramBook struct {
	mu      sync.RWMutex
	tenants map[int32]knownParams
}

type knownParams struct {
	*ownParams
	at time.Time // when it was read
}

// paramsLife is after what time searches ask again: another process may have changed the set, or the job has moved on.
const paramsLife = time.Second

func (b *paramBook) of(tenant int32) knownParams {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.tenants[tenant]
}

func (b *paramBook) keep(tenant int32, p *ownParams) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tenants == nil {
		b.tenants = map[int32]knownParams{}
	}
	b.tenants[tenant] = knownParams{p, time.Now()}
}

func (b *paramBook) forget(tenant int32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.tenants, tenant)
}

// params are those of a tenant, a second old at most.
func (s *Store) params(ctx context.Context, tenant int32) (*ownParams, error) {
	known := s.book.of(tenant)
	if known.ownParams != nil && time.Since(known.at) < paramsLife {
		return known.ownParams, nil
	}
	return s.readParams(ctx, s.db, tenant, known.ownParams)
}

// Params are the search parameters that the caller's tenant can search by.
func (d *Desk) Params(ctx context.Context) (*r4.ParamSet, error) {
	own, err := d.s.params(ctx, d.p.Tenant)
	if err != nil {
		return nil, err
	}
	return own.set, nil
}

// OwnParams lists what a tenant has defined, by number, as far as a second ago.
func (s *Store) OwnParams(ctx context.Context, tenant int32) ([]OwnParam, error) {
	own, err := s.params(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return slices.Clone(own.list), nil
}

// ListParams is OwnParams for who only looks at a database, beside the process that holds it.
func ListParams(ctx context.Context, d *db.DB, tenant int32) ([]OwnParam, error) {
	if made, err := d.HasTable(ctx, "search_param"); err != nil || !made {
		return nil, err
	}
	own, err := scanParams(ctx, d, tenant)
	if err != nil {
		return nil, err
	}
	return own.list, nil
}

// asked is a database, or a transaction on it.
type asked interface {
	Dialect() db.Dialect
	Query(ctx context.Context, stmt db.Text, args []any, scan func(db.Row) error) error
	EachQuery(ctx context.Context, stmt db.Text, scan func(db.Row) error, cols ...any) error
}

// paramsSQL is one statement, so that edition and definitions are of one moment.
var paramsSQL = db.Same(`SELECT e.edition, COALESCE(p.number, 0), COALESCE(p.id, ''), COALESCE(p.state, 0), COALESCE(p.definition, ''),
	COALESCE(p.job, 0), COALESCE(p.done, 0), COALESCE(p.total, 0), COALESCE(p.faults, 0),
	COALESCE((SELECT next FROM store_counter WHERE name = 'index edition'), 0)
	FROM search_param_edition e LEFT JOIN search_param p ON p.tenant = e.tenant AND p.state <> 4
	WHERE e.tenant = $1 ORDER BY p.number`)

// readParams reads the set anew. What is compiled is taken from before, if the edition is the same.
func (s *Store) readParams(ctx context.Context, from asked, tenant int32, before *ownParams) (*ownParams, error) {
	own, err := scanParams(ctx, from, tenant)
	if err != nil {
		return nil, err
	}
	if before != nil && before.form.Whole() {
		own.form = before.form
	} else if own.form, _, err = readForm(ctx, from, tenant); err != nil {
		return nil, err
	}
	if before != nil && before.edition == own.edition {
		own.set, own.now, own.was = before.set, before.now, before.was
	} else {
		s.compileParams(own)
	}
	s.book.keep(tenant, own)
	return own, nil
}

// definition is a parameter as it is kept.
type definition struct {
	r4.Param
	Version string `json:",omitempty"`
}

func scanParams(ctx context.Context, from asked, tenant int32) (*ownParams, error) {
	own := &ownParams{}
	err := from.Query(ctx, paramsSQL, []any{tenant}, func(r db.Row) error {
		own.edition, own.least = r.Int64(0), int(r.Int64(9))
		if r.Int64(1) == 0 {
			return nil
		}
		p := OwnParam{Resource: r.Text(2), State: ParamState(r.Int64(3)), Job: r.Int64(5), Done: r.Int64(6), Total: r.Int64(7), Faults: r.Int64(8)}
		var d definition
		err := json.Unmarshal([]byte(r.Text(4)), &d)
		p.Param, p.Version = d.Param, d.Version
		own.list = append(own.list, p)
		return err
	})
	return own, err
}

// compileParams leaves out what this version of the program cannot compile.
func (s *Store) compileParams(own *ownParams) {
	var now, was []r4.Param
	for _, p := range own.list {
		if _, err := index.NewOwn(r4.NewParamSet([]r4.Param{p.Param})); err != nil {
			s.log.Error("a search parameter cannot be indexed any more", slog.String("resource", "SearchParameter/"+p.Resource), slog.Any("error", err))
			continue
		}
		if was = append(was, p.Param); p.State != Leaving {
			now = append(now, p.Param)
		}
	}
	own.set = r4.NewParamSet(now)
	own.now, own.was = compiled(own.set), compiled(r4.NewParamSet(was))
}

// compiled are parameters that were compiled one by one already.
func compiled(set *r4.ParamSet) *index.Own {
	own, err := index.NewOwn(set)
	if err != nil {
		return nil
	}
	return own
}

// unfinished reports whether a job has rows to add or to remove.
func (o *ownParams) unfinished() bool {
	return slices.ContainsFunc(o.list, func(p OwnParam) bool { return p.State != Whole })
}
