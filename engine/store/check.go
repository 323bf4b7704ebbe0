package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/index"
)

// IndexFault is a resource whose index rows are not those of its body.
type IndexFault struct {
	Type, ID string // both empty: rows under a number that no resource has
	RID      int64
	Table    string
	Missing  int // rows that should be there
	Extra    int // rows that should not
}

// IndexReport is the result of CheckIndex.
type IndexReport struct {
	Checked int   // resources
	Last    int64 // number to go on from
	Faults  []IndexFault
	Damaged []Key // what is stored cannot be opened or is no resource, so its rows were not compared
}

// CheckIndex recomputes the index rows of up to limit resources with numbers
// behind after from their stored bodies and compares them with those stored:
// none may be missing, none too many, what is deleted has none, and each of their
// units, labels and shared values is listed. Every call reads the index tables once from end to end, because
// they have no order by number; so give it ranges of 100,000 resources and more.
// With limit 0 it takes all. What others write meanwhile is no fault.
func (s *Store) CheckIndex(ctx context.Context, tenant int32, after int64, limit int) (IndexReport, error) {
	keys, err := s.keys(ctx, tenant)
	if err != nil {
		return IndexReport{}, err
	}
	params, err := s.params(ctx, tenant)
	if err != nil {
		return IndexReport{}, err
	}
	if params.unfinished() {
		return IndexReport{}, fault.New(fault.Conflict, "search parameters of the tenant are being indexed, so the index cannot be compared yet; see ficus admin searchparams")
	}
	c := &indexCheck{s: s, from: s.db, ctx: ctx, tenant: tenant, keys: keys, params: params, after: after, sums: sums{strange: map[int64]uint64{}}, unreadable: map[int64]bool{}, measured: map[string]IndexFault{}, shared: map[index.Value]IndexFault{}, labels: map[int64]IndexFault{}}
	if err := c.expect(limit); err != nil {
		return IndexReport{}, err
	}
	if err := c.stored(c.sum); err != nil {
		return IndexReport{}, err
	}
	return c.report()
}

// sums are sums of row digests, modulo 2^64, of resources in the order of their
// numbers: of the rows that a body asks for, and of those stored. They differ if the rows do.
type sums struct {
	rids             []int64
	expected, stored []uint64
	strange          map[int64]uint64 // stored under numbers that no resource has
}

func (s *sums) expect(rid int64, sum uint64) {
	s.rids, s.expected, s.stored = append(s.rids, rid), append(s.expected, sum), append(s.stored, 0)
}

func (s *sums) add(rid int64, digest uint64) {
	if i, ok := slices.BinarySearch(s.rids, rid); ok {
		s.stored[i] += digest
	} else {
		s.strange[rid] += digest
	}
}

// differing are the numbers whose sums are not equal, but for those that are left out.
func (s *sums) differing(out map[int64]bool) map[int64]map[row]int {
	list := map[int64]map[row]int{}
	for i, rid := range s.rids {
		if s.expected[i] != s.stored[i] && !out[rid] {
			list[rid] = map[row]int{}
		}
	}
	for rid := range s.strange {
		list[rid] = map[row]int{}
	}
	return list
}

// asker is the database, or a transaction that sees it as it is at one moment.
type asker interface {
	Query(ctx context.Context, stmt db.Text, args []any, scan func(db.Row) error) error
	EachQuery(ctx context.Context, stmt db.Text, scan func(db.Row) error, cols ...any) error
}

type indexCheck struct {
	s           *Store
	from        asker
	ctx         context.Context
	tenant      int32
	keys        *tenantKeys
	params      *ownParams
	after, last int64
	checked     int
	sums        sums
	damaged     []Key
	unreadable  map[int64]bool
	measured    map[string]IndexFault // by code of a unit: what to say if it is not listed
	labels      map[int64]IndexFault  // by Label.hash
	shared      map[index.Value]IndexFault
}

// row is one index row of any table, in a form that can be compared.
type row struct {
	table int
	hash  int64
	value string
}

var indexTables = []string{"ix_token", "ix_string", "ix_date", "ix_number", "ix_ref", "resource"}

func (r row) digest() uint64 {
	return xxh3.HashStringSeed(r.value, uint64(r.hash)*31+uint64(r.table)+1)
}

const checkBatch = 1000

// expect adds up what the bodies ask for.
func (c *indexCheck) expect(limit int) error {
	for c.last = c.after; limit <= 0 || c.checked < limit; {
		n := checkBatch
		if limit > 0 {
			n = min(n, limit-c.checked)
		}
		found, err := sealedPage(c.ctx, c.from, scanSQL, c.tenant, c.last, n)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			c.last = math.MaxInt64
			return nil
		}
		if err := c.expectAll(found); err != nil {
			return err
		}
		c.last, c.checked = found[len(found)-1].RID, c.checked+len(found)
	}
	return nil
}

func (c *indexCheck) expectAll(found []sealedVersion) error {
	rows, damaged, err := c.rowsOf(found)
	if err != nil {
		return err
	}
	for i, v := range found {
		if damaged[i] {
			c.damaged, c.unreadable[v.RID] = append(c.damaged, Key{v.Type, v.ID}), true
		}
		expected := uint64(0)
		for _, r := range rows[i] {
			expected += r.digest()
		}
		c.sums.expect(v.RID, expected)
	}
	return nil
}

// rowsOf computes the index rows of some versions, and says which of them cannot be opened.
func (c *indexCheck) rowsOf(found []sealedVersion) ([][]row, []bool, error) {
	extracted, labels, damaged := make([]index.Rows, len(found)), make([][]Label, len(found)), make([]bool, len(found))
	out, todo := make([][]row, len(found)), make([]func(), len(found))
	for i, v := range found {
		todo[i] = func() {
			var err error
			extracted[i], labels[i], err = c.extract(v)
			damaged[i] = err != nil
			out[i] = append(plainRows(extracted[i]), row{5, 0, presentText(extracted[i].Params) + sharedText(ownKeys(extracted[i]))})
		}
	}
	run(todo)
	c.measure(found, extracted)
	c.label(found, labels)
	return out, damaged, c.addRefs(out, extracted)
}

func (c *indexCheck) extract(v sealedVersion) (rows index.Rows, labels []Label, err error) {
	if v.Deleted {
		return rows, nil, nil
	}
	plain, err := c.keys.open(v.RID, v.Number, v.sealed)
	if err != nil {
		return rows, nil, err
	}
	r, err := stored(plain)
	if err != nil {
		return rows, nil, err
	}
	rows, err = c.keys.extract(context.Background(), r, c.s.base, c.params.now) // what was given up is not damaged
	return rows, labelsOf(r), err
}

func plainRows(x index.Rows) []row {
	var out []row
	for _, r := range x.Token {
		out = append(out, tokenRow(r))
	}
	for _, r := range x.String {
		out = append(out, row{1, r.Hash, packed(int64(r.Exact)) + r.Value})
	}
	for _, r := range x.Date {
		out = append(out, row{2, r.Hash, packed(r.Lo, r.Hi)})
	}
	for _, r := range x.Number {
		out = append(out, row{3, r.Hash, numberValue(r.Lo, r.Hi, r.Code, r.System)})
	}
	return out
}

func tokenRow(r index.TokenRow) row { return row{0, r.Hash, packed(int64(r.System))} }

func packed(list ...int64) string {
	b := make([]byte, 0, 8*len(list))
	for _, n := range list {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	return string(b)
}

func numberValue(lo, hi float64, code, system int32) string {
	return packed(int64(math.Float64bits(plusZero(lo))), int64(math.Float64bits(plusZero(hi))), int64(code), int64(system))
}

// addRefs adds the rows of references, whose targets' numbers are looked up for all at once.
func (c *indexCheck) addRefs(out [][]row, extracted []index.Rows) error {
	var k keys
	type pending struct {
		i    int
		hash int64
	}
	var asked []pending
	for i, x := range extracted {
		for _, r := range x.Ref {
			if !here(r) {
				out[i] = append(out[i], tokenRow(foreign(r.Hash, r.Target.Text)))
				continue
			}
			k.add(identityOf(c.tenant, r))
			asked = append(asked, pending{i, r.Hash})
		}
	}
	err := c.from.EachQuery(c.ctx, targetSQL, func(r db.Row) error {
		a := asked[r.Int64(0)]
		out[a.i] = append(out[a.i], row{4, a.hash, packed(r.Int64(1))})
		return nil
	}, k.tenant, k.index, k.id)
	for i := range out {
		out[i] = distinct(out[i])
	}
	return err
}

func distinct(rows []row) []row {
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.hash, b.hash), cmp.Compare(a.value, b.value))
	})
	return slices.Compact(rows)
}

var storedSQL = []db.Text{
	endToEnd(`SELECT rid, hash, system FROM ix_token WHERE tenant = $1 AND rid > $2 AND rid <= $3`),
	endToEnd(`SELECT rid, hash, exact, value FROM ix_string WHERE tenant = $1 AND rid > $2 AND rid <= $3`),
	endToEnd(`SELECT rid, hash, lo, hi FROM ix_date WHERE tenant = $1 AND rid > $2 AND rid <= $3`),
	endToEnd(`SELECT rid, hash, lo, hi, code, system FROM ix_number WHERE tenant = $1 AND rid > $2 AND rid <= $3`),
	endToEnd(`SELECT rid, hash, target FROM ix_ref WHERE tenant = $1 AND rid > $2 AND rid <= $3`),
	{
		SQLite:   `SELECT rid, 0, present || COALESCE(shared, '') FROM resource WHERE tenant = $1 AND version > 0 AND rid > $2 AND rid <= $3`,
		Postgres: `SELECT r.rid, 0, r.present || ` + textOfKeys + ` FROM resource r WHERE r.tenant = $1 AND r.version > 0 AND r.rid > $2 AND r.rid <= $3`,
	},
}

// endToEnd reads a table as it lies, by a range of places: other scans of PostgreSQL without an index are off, and any index would
// lead to and fro.
func endToEnd(sql string) db.Text {
	return db.Text{SQLite: sql, Postgres: sql + " AND ctid >= '(0,0)'"}
}

// stored reads all rows of the range, table by table.
func (c *indexCheck) stored(take func(rid int64, r row)) error {
	for table, stmt := range storedSQL {
		err := c.from.Query(c.ctx, stmt, []any{c.tenant, c.after, c.last}, func(r db.Row) error {
			take(r.Int64(0), row{table, r.Int64(1), storedValue(table, r)})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func storedValue(table int, r db.Row) string {
	switch indexTables[table] {
	case "resource":
		return r.Text(2)
	case "ix_string":
		return packed(r.Int64(2)) + r.Text(3)
	case "ix_date":
		return packed(r.Int64(2), r.Int64(3))
	case "ix_number":
		return numberValue(r.Float64(2), r.Float64(3), r.Int32(4), r.Int32(5))
	case "ix_ref", "ix_token":
		return packed(r.Int64(2))
	}
	return ""
}

func (c *indexCheck) sum(rid int64, r row) { c.sums.add(rid, r.digest()) }

// report looks closely at the resources whose sums differ, which are few or none.
func (c *indexCheck) report() (IndexReport, error) {
	unlisted, err := c.unlisted()
	if err != nil {
		return IndexReport{}, err
	}
	unlabelled, err := c.unlabelled()
	unlisted = append(unlisted, unlabelled...)
	out := IndexReport{Checked: c.checked, Last: c.last, Damaged: c.damaged, Faults: unlisted}
	suspects := c.sums.differing(c.unreadable)
	if err != nil || len(suspects) == 0 {
		return out, err
	}
	faults, err := c.look(suspects)
	out.Faults = append(out.Faults, faults...)
	slices.SortFunc(out.Faults, func(a, b IndexFault) int {
		return cmp.Or(cmp.Compare(a.RID, b.RID), cmp.Compare(a.Table, b.Table))
	})
	return out, err
}

// look compares the rows of resources once more, with bodies of the same moment: others may have written since these were read.
func (c *indexCheck) look(suspects map[int64]map[row]int) (faults []IndexFault, err error) {
	err = c.s.db.Read(c.ctx, func(tx db.Tx) error {
		c.from = tx
		err := c.stored(func(rid int64, r row) {
			if rows, suspect := suspects[rid]; suspect {
				rows[r]++
			}
		})
		for rid, rows := range suspects {
			if err == nil {
				faults, err = c.explain(faults, rid, rows)
			}
		}
		return err
	})
	c.from = c.s.db
	return faults, err
}

// explain counts what is missing and what is too many: a row that stands twice, which not every table can refuse, is one too many.
func (c *indexCheck) explain(faults []IndexFault, rid int64, stored map[row]int) ([]IndexFault, error) {
	var name Key
	var expected []row
	found, err := sealedPage(c.ctx, c.from, scanSQL, c.tenant, rid-1, 1)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 && found[0].RID == rid {
		rows, _, err := c.rowsOf(found)
		if err != nil {
			return nil, err
		}
		name, expected = Key{found[0].Type, found[0].ID}, rows[0]
	}
	count := make([]IndexFault, len(indexTables))
	for _, r := range expected {
		if stored[r] == 0 {
			count[r.table].Missing++
		}
		stored[r]--
	}
	for r, n := range stored {
		count[r.table].Extra += max(n, 0)
	}
	for t, f := range count {
		if f.Missing+f.Extra > 0 {
			faults = append(faults, IndexFault{name.Type, name.ID, rid, indexTables[t], f.Missing, f.Extra})
		}
	}
	return faults, nil
}
