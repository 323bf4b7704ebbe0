package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// Alone is a change that has its tenant to itself: nobody else writes there from the moment at which its plan is made until
// it is committed. So what it reads stays true, and it cannot lose a race. All others of the tenant who write wait meanwhile.
type Alone struct {
	ctx     context.Context
	tx      db.Tx
	c       *Change
	numbers []int64 // that are left, reserved before the transaction
}

// aloneness is what a member plans when it has its tenant to itself.
type aloneness struct {
	fn      func(*Alone) error
	planned int   // how many of the member's ops were planned before
	first   int64 // of the reserved numbers
}

// aloneNumbers is how many numbers a plan has for what it creates and for references whose targets have not come yet.
const aloneNumbers = 1024

// Alone lets fn plan more writes of the change, and decide by what it reads, when the change has the tenant to itself. fn may
// run more than once. Its error takes the whole change back.
func (c *Change) Alone(fn func(*Alone) error) {
	first, err := c.d.s.rids.takeMany(c.ctx, aloneNumbers)
	if err != nil {
		c.errs = append(c.errs, err)
		return
	}
	c.m.alone = &aloneness{fn: fn, planned: len(c.m.ops), first: first}
}

// Rehearse makes the change one that is tried and taken back: every rule is asked and every right, and nothing is written or
// on record as written.
func (c *Change) Rehearse() { c.m.rehearsal = true }

// errRehearsed ends the transaction of a change that was only tried.
var errRehearsed = fault.New(fault.Conflict, "the change was tried only")

func rehearsed(ms []*member) error {
	if m := ms[0]; m.rehearsal {
		return errRehearsed
	}
	return nil
}

// planAlone lets a member that has its tenant to itself plan, and reads what the new ops depend on.
func (s *Store) planAlone(ctx context.Context, tx db.Tx, l *loaded, ms []*member) error {
	m := ms[0] // such a member has its group to itself
	if m.alone == nil {
		return nil
	}
	m.ops = m.ops[:m.alone.planned]
	a := &Alone{ctx, tx, &Change{ctx: ctx, d: s.As(m.p), m: m}, nil}
	for n := range int64(aloneNumbers) {
		a.numbers = append(a.numbers, m.alone.first+n)
	}
	if err := m.alone.fn(a); err != nil {
		return err
	}
	if o := m.twice(); o != nil {
		return fault.New(fault.Internal, "%s is written twice in one change", fault.A(o.typ))
	}
	more := []*member{{p: m.p, ops: m.ops[m.alone.planned:], integrity: m.integrity}}
	return tx.Pipeline(ctx, func(p *db.Pipe) {
		loadCurrent(p, more)
		loadTargets(p, l, more)
	})
}

// Create adds a create, Update an update of what is there. Faults: as those of Change, at once.
func (a *Alone) Create(r fhir.Resource) (*Result, error) { return a.write(Post, r) }

// Update adds an update of a resource that is there. Faults: as those of Change, at once.
func (a *Alone) Update(r fhir.Resource) (*Result, error) { return a.write(Put, r) }

func (a *Alone) write(method Method, r fhir.Resource) (*Result, error) {
	if err := a.c.d.s.validate(a.ctx, a.c.d.p.Tenant, r); err != nil {
		return nil, err
	}
	o, err := a.begin(method, r.Type())
	if err != nil {
		return nil, err
	}
	o.id, o.body, o.refs = r.ID(), r, refsOf(r, a.c.d.s.base)
	if method == Post {
		o.id = a.c.d.s.newID()
	}
	if err := a.c.m.fragments(o); err != nil {
		return nil, err
	}
	n := int(1 + a.c.m.spare(o))
	if n > len(a.numbers) {
		return nil, fault.New(fault.TooCostly, "the %s has too many references", o.typ)
	}
	o.newRID, a.numbers = a.numbers[0], a.numbers[n:]
	o.pinned = true // whoever plans a version alone counts on it
	return a.c.add(o, nil), nil
}

// begin makes an op on any resource of the type: a plan is made for all there is.
func (a *Alone) begin(method Method, typ string) (*op, error) {
	o, err := begin(a.c.m, method, typ, options{})
	if err == nil {
		err = a.c.m.sight.whole(opOf(method), typ)
	}
	return o, err
}

// Redirect adds an update that changes nothing but references: each of the places, all in r, says text(place) from then on.
func (a *Alone) Redirect(r fhir.Resource, places []Place, text func(Place) string) (*Result, error) {
	o, err := a.begin(Put, r.Type())
	if err != nil {
		return nil, err
	}
	if o.body, err = Redirected(r, places, text); err != nil {
		return nil, err
	}
	o.id, o.refs = r.ID(), refsOf(o.body, a.c.d.s.base)
	return a.c.add(o, nil), nil
}

// Redirected is the resource with nothing changed but references: each of the places, all in r, says text(place).
func Redirected(r fhir.Resource, places []Place, text func(Place) string) (fhir.Resource, error) {
	edits := make([]fhir.Edit, len(places))
	for i, p := range places {
		start, end := p.value.Span(r.Value)
		edits[i] = fhir.Edit{Start: start, End: end, New: fhir.AppendString(nil, text(p))}
	}
	return stored(fhir.Splice(r.Raw(), edits))
}

// Read is the current version. Faults: Forbidden, Unknown, Gone.
func (a *Alone) Read(typ, id string) (Version, error) {
	v, err := a.version(access.Read, typ, readSQL, id)
	if err == nil && v.Deleted {
		err = fault.New(fault.Gone, "the %s was deleted", typ)
	}
	return v, err
}

// VRead is a version of a resource that is there; that of a deletion has no body. Faults: Forbidden, Unknown.
func (a *Alone) VRead(typ, id string, number int64) (Version, error) {
	v, err := a.version(access.VRead, typ, vreadSQL, id, number) // mostly a past one
	if !fault.Is(err, fault.Unknown) {
		return v, err
	}
	if v, err = a.version(access.VRead, typ, readSQL, id); err == nil && v.Number != number {
		return v, fault.New(fault.Unknown, "there is no such version of the %s", typ)
	}
	return v, err
}

// Pasts are many versions at once, and Currents the current ones of many resources, tombstones included, as far as they are
// there. Faults: Forbidden.
func (a *Alone) Pasts(names []VersionKey) (map[VersionKey]Version, error) {
	k, versions := keys{}, make([]int32, len(names))
	for i, n := range names {
		if err := a.ask(&k, access.VRead, n.Key); err != nil {
			return nil, err
		}
		versions[i] = int32(n.Number)
	}
	out := make(map[VersionKey]Version, len(names))
	err := a.tx.EachQuery(a.ctx, pastSQL, func(r db.Row) error {
		n := names[r.Int64(0)]
		v := Version{Type: n.Type, ID: n.ID}
		err := a.c.m.keys.scan(&v, r, 1)
		out[n] = v
		return err
	}, k.tenant, k.index, k.id, versions)
	return out, err
}

// Currents are described with Pasts.
func (a *Alone) Currents(names []Key) (map[Key]Version, error) {
	var k keys
	for _, n := range names {
		if err := a.ask(&k, access.Read, n); err != nil {
			return nil, err
		}
	}
	out := make(map[Key]Version, len(names))
	err := a.tx.EachQuery(a.ctx, currentSQL, func(r db.Row) error {
		n := names[r.Int64(0)]
		v := Version{Type: n.Type, ID: n.ID}
		err := a.c.m.keys.scan(&v, r, 1)
		out[n] = v
		return err
	}, k.tenant, k.index, k.id)
	return out, err
}

// ask adds a look-up, if the caller may make it.
func (a *Alone) ask(k *keys, right access.Op, n Key) error {
	i, known := typeIndex(n.Type)
	if !known {
		return unknownType(n.Type)
	}
	k.add(identity{a.c.m.p.Tenant, i, n.ID})
	return a.c.m.sight.whole(right, n.Type)
}

func (a *Alone) version(right access.Op, typ string, stmt db.Text, key ...any) (Version, error) {
	i, known := typeIndex(typ)
	if !known {
		return Version{}, unknownType(typ)
	}
	if err := a.c.m.sight.whole(right, typ); err != nil {
		return Version{}, err
	}
	v := Version{Type: typ, ID: key[0].(string)}
	err := a.tx.Query(a.ctx, stmt, append([]any{a.c.m.p.Tenant, i}, key...), func(r db.Row) error {
		return a.c.m.keys.scan(&v, r, 0)
	})
	if err == nil && v.Number == 0 {
		err = fault.New(fault.Unknown, "there is no such %s", typ)
	}
	return v, err
}

// refersSQL goes from the resource to its references and on to those that have them, in this order: "+" and OFFSET 0 keep the databases
// from reading all references of the tenant in the order of creation, which the page is in.
var refersSQL = db.Text{
	SQLite: `SELECT r.rid, r.version, r.updated, r.method, r.deleted, r.body, r.id, r.type
		FROM (SELECT DISTINCT +x.rid AS rid FROM resource t CROSS JOIN ix_ref x ON x.tenant = t.tenant AND x.target = t.rid
			WHERE t.tenant = $1 AND t.type = $2 AND t.id = $3) q
		CROSS JOIN resource r ON r.tenant = $1 AND r.rid = q.rid
		WHERE r.type <> $4 AND NOT (r.type = $2 AND r.id = $3) ORDER BY r.rid LIMIT $5`,
	Postgres: `SELECT r.rid, r.version, r.updated, r.method, r.deleted, r.body, r.id, r.type
		FROM (SELECT DISTINCT x.rid FROM (SELECT rid FROM resource WHERE tenant = $1 AND type = $2 AND id = $3 OFFSET 0) t
			CROSS JOIN LATERAL (SELECT rid FROM ix_ref WHERE tenant = $1 AND target = t.rid OFFSET 0) x) q
		CROSS JOIN LATERAL (SELECT * FROM resource WHERE tenant = $1 AND rid = q.rid OFFSET 0) r
		WHERE r.type <> $4 AND NOT (r.type = $2 AND r.id = $3) ORDER BY r.rid LIMIT $5`,
}

// Referring are the resources that refer to a resource, wherever in them, but for those of the type except; at most limit of
// them, in the order of creation. Faults: Forbidden if the caller must not read one of them.
func (a *Alone) Referring(typ, id, except string, limit int) (list []Version, err error) {
	i, _ := typeIndex(typ)
	not, _ := typeIndex(except)
	err = a.tx.Query(a.ctx, refersSQL, []any{a.c.m.p.Tenant, i, id, not, limit}, func(r db.Row) error {
		v := Version{Type: typeName(r.Int32(7)), ID: r.Text(6)}
		if err := a.c.m.sight.whole(access.Read, v.Type); err != nil {
			return err
		}
		list = append(list, v)
		return a.c.m.keys.scan(&list[len(list)-1], r, 0)
	})
	return list, err
}

// Place is where a resource refers to another.
type Place struct {
	Path  string // FHIRPath of Reference.reference
	Text  string // what it says
	Tail  string // the fragment behind it, with its #
	value fhir.Value
}

// Places are the references in a resource to another of this server, to any version of it, in whatever form.
func (a *Alone) Places(r fhir.Resource, typ, id string) (list []Place) {
	for _, x := range refsOf(r, a.c.d.s.base) {
		if x.Kind == fhir.RefRelative && x.Type == typ && x.ID == id {
			list = append(list, Place{placeOf(x.value, r), x.Text, x.tail(), x.value})
		}
	}
	return list
}

var (
	supersedeSQL = db.Same(`INSERT INTO resource_successor (tenant, rid, successor) SELECT r.tenant, r.rid, $4 FROM resource r
		WHERE r.tenant = $1 AND r.type = $2 AND r.id = $3 ON CONFLICT (tenant, rid) DO UPDATE SET successor = excluded.successor`)
	restoreSQL = db.Same(`DELETE FROM resource_successor WHERE tenant = $1
		AND rid IN (SELECT rid FROM resource WHERE tenant = $1 AND type = $2 AND id = $3)`)
	successorOfSQL = db.Same(`SELECT s.successor FROM resource r JOIN resource_successor s ON s.tenant = r.tenant AND s.rid = r.rid
		WHERE r.tenant = $1 AND r.type = $2 AND r.id = $3`)
)

// Supersede says that another resource of the type has taken the place of this one: from now on nothing refers to it anew,
// nothing changes or deletes it but a change that is Alone, and no condition finds it.
func (a *Alone) Supersede(typ, id, successor string) error {
	i, _ := typeIndex(typ)
	_, err := a.tx.Exec(a.ctx, supersedeSQL, a.c.m.p.Tenant, i, id, successor)
	return err
}

// Restore takes Supersede back.
func (a *Alone) Restore(typ, id string) error {
	i, _ := typeIndex(typ)
	_, err := a.tx.Exec(a.ctx, restoreSQL, a.c.m.p.Tenant, i, id)
	return err
}

// Successor is the id of what has taken the place of a resource, empty if nothing has.
func (a *Alone) Successor(typ, id string) (successor string, err error) {
	i, _ := typeIndex(typ)
	err = a.tx.Query(a.ctx, successorOfSQL, []any{a.c.m.p.Tenant, i, id}, func(r db.Row) error {
		successor = r.Text(0)
		return nil
	})
	return successor, err
}

// Do runs fn in the transaction at once, for the tables of a module.
func (a *Alone) Do(fn func(context.Context, db.Tx) error) error { return fn(a.ctx, a.tx) }
