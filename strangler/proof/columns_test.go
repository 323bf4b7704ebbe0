package proof_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/outbox"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/event"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/movetest"
)

// TestNoColumnCanBeChangedUnseen changes, in turn, one value of every column of every table that the proof speaks for, and
// takes away, adds and doubles one row of each: every time the proof finds a difference. What it cannot know is listed by name.
func TestNoColumnCanBeChangedUnseen(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		busy(t, w)
		w.Want(w.Prove(), 0)
		for _, table := range provedTables(w) {
			m := &meddler{World: w, table: table}
			w.SQL(`CREATE TABLE kept AS SELECT * FROM ` + table)
			for _, c := range m.columns() {
				m.meddle(t, c.name, m.changed(c))
			}
			m.meddle(t, "a row less", m.less())
			m.meddle(t, "a row more", m.more())
			m.meddle(t, "a row twice", m.again())
			m.meddle(t, "no rows", `DELETE FROM `+table)
			w.SQL(`DROP TABLE kept`)
		}
		w.Want(w.Prove(), 0)
	})
}

// busy is a World in which everything occurs that leaves rows: two runs, rows that are filtered, held and gone, findings,
// changes, deletions and records of users, events of their own, and a chain of sealed audit entries.
func busy(t *testing.T, w *movetest.World) {
	w.Delete, w.Batch, w.Approve = true, 4, []string{"Clinic.Person"}
	w.Fill(9)
	w.Clinic.Put("Clinic.Person", 0, "", "", "M", "1970-01-01 00:00:00", nil, nil, "")
	w.Clinic.Set("Clinic.Person", 7, "born", "1950-02-03 01:02:03")
	w.Clinic.Set("Clinic.Person", 4, "sex", "X")
	w.Move()
	w.Clinic.Set("Clinic.Person", 2, "last", "Deuxième")
	removePerson(w, 6)
	w.Move()
	changeSome(t, w, 2)
	desk := w.Store.As(access.Inside(movetest.Tenant, "clinician"))
	own := created(t, desk, `{"resourceType":"Observation","status":"final","code":{"text":"x"}}`)
	created(t, desk, `{"resourceType":"Observation","meta":{"tag":[{"system":"http://t","code":"x"}]},"status":"final","code":{"text":"y"},"valueQuantity":{"value":3,"system":"http://unitsofmeasure.org","code":"kg"},"subject":{"reference":"Patient/`+firstPatient(t, w)+`"}}`)
	must(t, desk.Write(t.Context(), func(c *store.Change) error {
		c.Delete("Observation", own)
		v := "kept"
		c.Records(movetest.Secrets{}, []store.Record{{ID: "own", Values: map[string]*string{"answer": &v}}, {ID: "gone"}})
		c.Emit(event.Event{Name: "Story.Told", Type: "Patient", ID: "x", Payload: []byte("{}")})
		return nil
	}))
	must(t, desk.Write(t.Context(), func(c *store.Change) error {
		c.Forget(movetest.Secrets{}, []string{"gone"})
		return nil
	}))
	sealer := audit.NewSealer(w.DB, func(int32) ([32]byte, error) { return w.Sealer.Derive("audit"), nil }, audit.SealOptions{})
	defer sealer.Close()
	_, err := sealer.Seal(t.Context())
	must(t, err)
	for range 3 {
		_, err = outbox.NewSequencer(w.DB, nil).Pass(t.Context())
		must(t, err)
	}
	created(t, desk, `{"resourceType":"Basic","code":{"text":"behind the seal"}}`)
}

func created(t *testing.T, desk *store.Desk, body string) (id string) {
	t.Helper()
	r, err := fhir.Parse([]byte(body), fhir.Limits{})
	must(t, err)
	res, err := desk.Create(t.Context(), r)
	must(t, err)
	return res.ID
}

func firstPatient(t *testing.T, w *movetest.World) string {
	t.Helper()
	list, _, err := w.Store.Scan(t.Context(), movetest.Tenant, []string{"Patient"}, 0, 100)
	must(t, err)
	return list[0].ID
}

func provedTables(w *movetest.World) []string {
	tables := []string{
		"resource", "resource_history", "ix_token", "ix_string", "ix_date", "ix_number", "ix_ref", "ix_unit", "ix_value", "ix_label", "record_stamp", "test_secret",
		"outbox", "audit_pending", "audit_block",
		"strangler_name", "strangler_link", "strangler_row", "strangler_quarantine", "strangler_run", "strangler_step", "strangler_chunk", "strangler_finding",
		"strangler_space", "strangler_seal",
	}
	if w.DB.Dialect() == db.Postgres {
		tables = append(tables, "outbox_run", "outbox_floor")
	}
	return tables
}

// unknowable are columns whose value nothing else depends on.
func unknowable() []string {
	return []string{
		"resource_history.seq",       // of SQLite: the row's own number
		"audit_pending.seq",          // the order of writing, which the entries do not need
		"outbox_floor.mark_xid",      // of a transaction that has ended
		"strangler_space.a row more", // of a pack that has not run yet
		"ix_unit.a row more",         // of a quantity that was
		"ix_unit.edition",            // under which it was listed last: who writes it lists it again
		"ix_value.a row more",        // of a string that was
		"ix_label.a row more",        // of a resource that was
		"outbox_floor.one",           // cannot have another value
	}
}

// meddler changes one table behind the store's back.
type meddler struct {
	*movetest.World
	table string
}

type column struct{ name, kind string }

func (m *meddler) columns() (list []column) {
	stmt := db.Text{
		SQLite: `SELECT name, lower(type) FROM pragma_table_info($1)`, Postgres: `SELECT column_name::text, data_type::text FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position`,
	}
	must(m.T, m.DB.Query(m.T.Context(), stmt, []any{m.table}, func(r db.Row) error {
		list = append(list, column{r.Text(0), strings.ToLower(r.Text(1))})
		return nil
	}))
	return list
}

// changed is a statement that gives a column of one row another value.
func (m *meddler) changed(c column) string {
	return fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s", m.table, c.name, m.other(c), m.one())
}

func (m *meddler) other(c column) string {
	switch {
	case c.kind == "text":
		return "coalesce(" + c.name + ", '') || 'x'"
	case c.kind == "blob":
		return "CAST(coalesce(" + c.name + ", x'00') || x'01' AS BLOB)"
	case c.kind == "bytea":
		return "coalesce(" + c.name + `, '\x00') || '\x01'`
	case c.kind == "boolean":
		return "NOT " + c.name
	case c.name == "deleted", c.name == "replayed", c.name == "gone" && m.table == "record_stamp":
		return "1 - " + c.name
	case c.kind == "array":
		return "coalesce(" + c.name + ", '{}') || 1"
	case c.kind == "smallint":
		return c.name + " + 1"
	}
	return "coalesce(" + c.name + ", 0) + 1000000"
}

// one names one row of the table.
func (m *meddler) one() string {
	row := "rowid"
	if m.DB.Dialect() == db.Postgres {
		row = "ctid"
	} else if key := m.key(); key != "" {
		row = key
	}
	inUse := map[string]string{"ix_value": "WHERE key IN (SELECT hash FROM ix_token)"}[m.table] // what was listed for an older version is not missed
	return fmt.Sprintf("(%s) = (SELECT %s FROM %s %s LIMIT 1)", row, row, m.table, inUse)
}

// key is the primary key of a SQLite table without row numbers.
func (m *meddler) key() string {
	var names []string
	must(m.T, m.DB.Query(m.T.Context(), db.Same(`SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk`), []any{m.table}, func(r db.Row) error {
		names = append(names, r.Text(0))
		return nil
	}))
	return strings.Join(names, ", ")
}

func (m *meddler) less() string { return fmt.Sprintf("DELETE FROM %s WHERE %s", m.table, m.one()) }

// moved are the columns in which a copy of a row differs from it.
func moved() map[string][]string {
	return map[string][]string{
		"resource": {"rid", "id"}, "resource_history": {"seq", "version"}, "test_secret": {"id"}, "record_stamp": {"id"},
		"ix_token": {"hash"}, "ix_string": {"hash"}, "ix_date": {"hash"}, "ix_number": {"hash"}, "ix_ref": {"hash"}, "ix_unit": {"code"}, "ix_value": {"key"}, "ix_label": {"hash"},
		"outbox": {"change"}, "outbox_run": {"first", "change"}, "audit_pending": {"seq"}, "audit_block": {"n"},
		"strangler_name": {"id", "name"}, "strangler_link": {"slot"}, "strangler_row": {"key"}, "strangler_quarantine": {"key", "id"},
		"strangler_run": {"id"}, "strangler_step": {"step"}, "strangler_chunk": {"seq"}, "strangler_finding": {"what"},
		"strangler_space": {"pack"}, "strangler_seal": {"book"},
	}
}

// more is a statement that adds a copy of a row under another key.
func (m *meddler) more() string {
	var names, values []string
	for _, c := range m.columns() {
		v := c.name
		if slices.Contains(moved()[m.table], c.name) {
			v = m.other(c)
		}
		names, values = append(names, c.name), append(values, v)
	}
	return fmt.Sprintf("INSERT INTO %s (%s)%s SELECT %s FROM %s WHERE %s", m.table, strings.Join(names, ", "), m.overriding(), strings.Join(values, ", "), m.table, m.one())
}

// again is a statement that adds a row once more; most tables have a key that refuses it.
func (m *meddler) again() string {
	return fmt.Sprintf("INSERT INTO %s%s SELECT * FROM %s WHERE %s", m.table, m.overriding(), m.table, m.one())
}

// overriding lets PostgreSQL take a row's own number.
func (m *meddler) overriding() string {
	if m.DB.Dialect() == db.Postgres {
		return " OVERRIDING SYSTEM VALUE"
	}
	return ""
}

// meddle carries out a statement, expects the proof to find it, and heals the table.
func (m *meddler) meddle(t *testing.T, what, stmt string) {
	t.Helper()
	name := m.table + "." + what
	if slices.Contains(unknowable(), name) {
		return
	}
	n, err := m.DB.Exec(t.Context(), db.Same(stmt))
	if err != nil {
		t.Logf("%s: the database refuses it: %v", name, err)
		return
	}
	if n == 0 {
		t.Errorf("%s: nothing was hit: %s", name, stmt)
	}
	c, err := m.Question().Prove(t.Context())
	if err == nil && c.Differences == 0 {
		t.Errorf("%s: not found: %s", name, stmt)
	}
	if err != nil {
		t.Logf("%s: refused: %v", name, err)
	}
	m.SQL(`DELETE FROM ` + m.table)
	m.SQL(`INSERT INTO ` + m.table + m.overriding() + ` SELECT * FROM kept`)
}
