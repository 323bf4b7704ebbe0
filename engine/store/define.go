package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/r4"
)

// definer is the type of resource that defines search parameters.
const definer = "SearchParameter"

func (m *member) definesParams() bool {
	return slices.ContainsFunc(m.ops, func(o *op) bool { return o.typ == definer })
}

var (
	insertParam = db.Same(`INSERT INTO search_param (tenant, number, definition, id, state, job, done, total, faults) VALUES ($1, $2, $3, $4, 1, 0, 0, 0, 0)`)
	alterParam  = db.Same(`UPDATE search_param SET definition = $3, id = $4 WHERE tenant = $1 AND number = $2`)
	retireParam = db.Same(`UPDATE search_param SET state = 3, job = 0, done = 0, total = 0 WHERE tenant = $1 AND number = $2`)
	lastParam   = db.Same(`SELECT COALESCE(MAX(number), 0) FROM search_param WHERE tenant = $1`)
	nextEdition = db.Same(`INSERT INTO search_param_edition (tenant, edition) VALUES ($1, 1)
		ON CONFLICT (tenant) DO UPDATE SET edition = search_param_edition.edition + 1 RETURNING edition`)
)

// define carries out what a member's SearchParameter resources mean, in the transaction in which they are written. The member
// has its tenant to itself.
func (s *Store) define(ctx context.Context, tx db.Tx, ms []*member) error {
	for _, m := range ms {
		if !m.defines || m.err != nil {
			continue
		}
		d := &definitions{s: s, m: m, list: slices.Clone(m.params.list)}
		if m.err = d.plan(); m.err != nil {
			return lost(ms)
		}
		if err := d.comeBack(ctx, tx); err != nil {
			return err
		}
		if err := d.write(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// definitions are the changes of a set by one member.
type definitions struct {
	s       *Store
	m       *member
	list    []OwnParam // the set as it is with the changes made so far
	ended   []OwnParam // what the resources that define it do not say any more
	retired []uint16
	altered []OwnParam
	fresh   []OwnParam
}

// plan works out what changes. What goes makes room first, and composites come behind what they may be made of.
func (d *definitions) plan() error {
	var written []*op
	for _, o := range d.m.ops {
		switch {
		case o.typ != definer || o.plain == nil && o.effect != Removed: // written again, it may be its turn now
		case o.effect == Removed:
			d.retire(o.id)
		default:
			written = append(written, o)
		}
	}
	bodies := make(map[*op]fhir.Resource, len(written))
	for _, o := range written {
		r, err := stored(o.plain)
		if err != nil {
			return o.wrap(err)
		}
		if bodies[o] = r; r.Get("status").Str() != "active" {
			d.retire(o.id)
		}
	}
	slices.SortStableFunc(written, func(a, b *op) int { return cmp.Compare(composite(bodies[a]), composite(bodies[b])) })
	for _, o := range written {
		if err := d.take(o, bodies[o]); err != nil {
			return o.wrap(err)
		}
	}
	return nil
}

func composite(r fhir.Resource) int { return boolOrder(r.Get("type").Str() == "composite") }

// retire ends what the resource has defined.
func (d *definitions) retire(id string) {
	d.list = slices.DeleteFunc(d.list, func(p OwnParam) bool {
		if p.Resource != id || p.State == Leaving {
			return false
		}
		if p.ID != 0 {
			d.retired = append(d.retired, p.ID)
		}
		d.ended = append(d.ended, p)
		return true
	})
	d.fresh = slices.DeleteFunc(d.fresh, func(p OwnParam) bool { return p.Resource == id })
}

func (d *definitions) take(o *op, r fhir.Resource) error {
	def, live, err := index.Define(r, d.component)
	if err != nil {
		return err
	}
	if !live {
		d.retire(o.id)
		return nil
	}
	now := OwnParam{Param: def, Resource: o.id, Version: r.Get("version").Str(), State: Building}
	i := slices.IndexFunc(d.list, func(p OwnParam) bool { return p.Resource == o.id && p.State != Leaving })
	if i >= 0 && index.Alike(d.list[i].Param, def) {
		if o.effect != Unchanged {
			d.alter(i, now)
		}
		return nil
	}
	d.retire(o.id)
	if d.succeed(now) || d.served(def) {
		return nil
	}
	if err := d.free(def); err != nil {
		return err
	}
	if err := d.room(); err != nil {
		return err
	}
	d.list, d.fresh = append(d.list, now), append(d.fresh, now)
	return nil
}

// alter takes what is said anew of a parameter whose rows stay as they are.
func (d *definitions) alter(i int, now OwnParam) {
	now.Param.ID, now.State = d.list[i].ID, d.list[i].State
	d.list[i] = now
	d.altered = append(d.altered, now)
}

// succeed compares a definition with another of its canonical url: of several versions the newest is served, as where a
// reference names none (https://hl7.org/fhir/R4/references.html#canonical). It reports whether nothing is left to be done: the
// one that is there is newer, or the new one takes it over with its rows.
func (d *definitions) succeed(now OwnParam) bool {
	i := slices.IndexFunc(d.list, func(p OwnParam) bool { return p.URL == now.URL && p.State != Leaving })
	switch {
	case i < 0:
		return false
	case fhir.Older(now.Version, d.list[i].Version):
		return true
	case !fhir.Older(d.list[i].Version, now.Version):
		return false
	case index.Alike(d.list[i].Param, now.Param) && d.list[i].ID != 0:
		d.alter(i, now)
		return true
	}
	d.retire(d.list[i].Resource)
	return false
}

// served reports whether another resource defines the same already, as in two versions of a package.
func (d *definitions) served(def r4.Param) bool {
	return slices.ContainsFunc(d.list, func(p OwnParam) bool { return p.State != Leaving && index.Alike(p.Param, def) })
}

// free refuses a code that another definition of the tenant has for one of the types.
func (d *definitions) free(def r4.Param) error {
	for _, p := range d.list {
		if p.State == Leaving || p.Code != def.Code {
			continue
		}
		for _, t := range r4.Resources() {
			if isFor(p.Param, t) && isFor(def, t) {
				return fault.At(fault.Conflict, fault.Issue{Code: "duplicate", Expression: "SearchParameter.code",
					Text: "SearchParameter/" + p.Resource + " defines " + def.Code + " for " + t + " already; retire it first, or take another code"})
			}
		}
	}
	return nil
}

// room refuses what would be one too many: each costs every write of its types.
func (d *definitions) room() error {
	n := 0
	for _, p := range d.list {
		if p.State != Leaving {
			n++
		}
	}
	if n < d.s.most {
		return nil
	}
	return fault.At(fault.Unprocessable, fault.Issue{Code: "too-costly", Expression: "SearchParameter",
		Text: fmt.Sprintf("there are %d search parameters beside those of R4 already, and no more are allowed; retire one first, or raise the setting own-params", n)})
}

func isFor(p r4.Param, typ string) bool {
	return slices.ContainsFunc(p.Bases, func(base string) bool { return r4.IsA(typ, base) })
}

// component finds a part of a composite by its canonical url, among what R4 and the tenant have.
func (d *definitions) component(url string) (r4.Param, bool) {
	if i := slices.IndexFunc(d.list, func(p OwnParam) bool { return p.URL == url && p.State != Leaving }); i >= 0 {
		return d.list[i].Param, true
	}
	all := r4.AllParams()
	if i := slices.IndexFunc(all, func(p r4.Param) bool { return p.URL == url }); i >= 0 {
		return all[i], true
	}
	return r4.Param{}, false
}

// write puts the changes into the tables, raises the edition, and asks for the job.
func (d *definitions) write(ctx context.Context, tx db.Tx) error {
	if len(d.retired)+len(d.altered)+len(d.fresh) == 0 {
		return nil
	}
	tenant := d.m.p.Tenant
	if err := d.raise(ctx, tx); err != nil {
		return err
	}
	for _, number := range d.retired {
		if _, err := tx.Exec(ctx, retireParam, tenant, int64(number)); err != nil {
			return err
		}
	}
	for _, p := range d.altered {
		if err := d.put(ctx, tx, alterParam, p, tenant, int64(p.ID)); err != nil {
			return err
		}
	}
	if err := d.insert(ctx, tx); err != nil {
		return err
	}
	return d.s.askForWalk(ctx, tx, tenant, d.m.params.edition+1)
}

// raise takes the next edition, if the one that the member knows is in force.
func (d *definitions) raise(ctx context.Context, tx db.Tx) error {
	var edition int64
	err := tx.Query(ctx, nextEdition, []any{d.m.p.Tenant}, func(r db.Row) error {
		edition = r.Int64(0)
		return nil
	})
	if err == nil && edition != d.m.params.edition+1 {
		err = errOutdated
	}
	d.m.changed = err == nil
	return err
}

func (d *definitions) put(ctx context.Context, tx db.Tx, stmt db.Text, p OwnParam, args ...any) error {
	text, err := json.Marshal(definition{p.Param, p.Version})
	if err == nil {
		_, err = tx.Exec(ctx, stmt, append(args, string(text), p.Resource)...)
	}
	return err
}

// lastNumber is the greatest number that a search parameter can have.
const lastNumber = 1<<16 - 1

func (d *definitions) insert(ctx context.Context, tx db.Tx) error {
	last := int64(0)
	err := tx.Query(ctx, lastParam, []any{d.m.p.Tenant}, func(r db.Row) error {
		last = max(r.Int64(0), r4.FirstCustomParam-1)
		return nil
	})
	for _, p := range d.fresh {
		if last++; last > lastNumber && err == nil {
			err = fault.New(fault.TooCostly, "the tenant has defined search parameters %d times, and there are no numbers left", lastNumber-r4.FirstCustomParam)
		}
		if err != nil {
			return err
		}
		p.ID = uint16(last)
		err = d.put(ctx, tx, insertParam, p, d.m.p.Tenant, last)
	}
	return err
}

// askForWalk enqueues the job that walks through the resources, once for each edition.
func (s *Store) askForWalk(ctx context.Context, tx db.Tx, tenant int32, edition int64) error {
	if s.jobs == nil {
		return nil
	}
	_, err := s.jobs.Enqueue(ctx, tx, jobs.Order{Tenant: tenant, Kind: WalkKind, Key: strconv.FormatInt(edition, 10)})
	return err
}
