package proof_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/movetest"
	"github.com/ficushealth/ficus/strangler/proof"
)

// faults puts faults into a store behind its back.
type faults struct {
	*movetest.World
	random *rand.Rand
	all    map[string][]stored // by resource type
	tables []string
	extra  int
}

// stored is a resource as a row of the store's table.
type stored struct {
	rid, version int64
	typ, id, key string // key is the legacy row's
	body         string
}

func newFaults(w *movetest.World, seed uint64) *faults {
	f := &faults{World: w, random: rand.New(rand.NewPCG(seed, 7)), all: map[string][]stored{}}
	f.tables = []string{"resource", "resource_history", "ix_token", "ix_string", "ix_date", "ix_number", "ix_ref", "ix_value",
		"strangler_row", "strangler_link", "strangler_quarantine", "test_secret", "record_stamp", "outbox"}
	for _, t := range f.tables {
		f.SQL(`CREATE TABLE kept_` + t + ` AS SELECT * FROM ` + t)
	}
	list, err := w.Store.List(w.T.Context(), movetest.Tenant, 0, 1<<20)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, v := range list {
		s := stored{rid: v.RID, version: v.Number, typ: v.Type, id: v.ID}
		s.body = f.open(s)
		r, err := fhir.Parse([]byte(s.body), fhir.Limits{})
		if err != nil {
			w.T.Fatal(err)
		}
		s.key = r.Get("identifier").At(0).Get("value").Str()
		f.all[s.typ] = append(f.all[s.typ], s)
	}
	return f
}

// heal takes all faults back.
func (f *faults) heal() {
	for _, t := range f.tables {
		f.SQL(`DELETE FROM ` + t)
		f.SQL(`INSERT INTO ` + t + ` SELECT * FROM kept_` + t)
	}
}

func place(s stored) vault.AD {
	return vault.AD{Tenant: movetest.Tenant, RID: s.rid, Version: s.version, Use: vault.Body}
}

func (f *faults) open(s stored) string {
	var sealed []byte
	err := f.DB.Query(f.T.Context(), db.Same(`SELECT body FROM resource WHERE rid = $1`), []any{s.rid}, func(r db.Row) error {
		sealed = r.Bytes(0)
		return nil
	})
	if err != nil {
		f.T.Fatal(err)
	}
	plain, err := f.Sealer.Open(nil, sealed, place(s))
	if err != nil {
		f.T.Fatal(err)
	}
	return string(plain)
}

// seal puts another body in place.
func (f *faults) seal(s stored, body string) {
	f.T.Helper()
	if body == s.body {
		f.T.Fatalf("the fault changes nothing in %s", s.key)
	}
	sealed, err := f.Sealer.Seal(nil, []byte(body), place(s))
	if err != nil {
		f.T.Fatal(err)
	}
	f.one(`UPDATE resource SET body = $2 WHERE rid = $1`, s.rid, sealed)
}

// one runs a statement that must change a row.
func (f *faults) one(stmt string, args ...any) {
	f.T.Helper()
	if n := f.SQL(stmt, args...); n < 1 {
		f.T.Fatalf("the fault hit nothing: %s", stmt)
	}
}

// pick are n resources of a type that suit.
func (f *faults) pick(typ string, n int, suits func(stored) bool) []stored {
	list := slices.Clone(f.all[typ])
	f.random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	list = slices.DeleteFunc(list, func(s stored) bool { return suits != nil && !suits(s) })
	return list[:min(n, len(list))]
}

func holds(text string) func(stored) bool {
	return func(s stored) bool {
		_, content := s.apart()
		return strings.Contains(content, text)
	}
}

// apart cuts a body behind the instant of its version, which no legacy row says: it may read like what is looked for.
func (s stored) apart() (stamp, content string) {
	begin := strings.Index(s.body, `"lastUpdated":"`) + len(`"lastUpdated":"`)
	end := begin + strings.IndexByte(s.body[begin:], '"')
	return s.body[:end], s.body[end:]
}

// change is a fault that changes the text of one body.
func change(typ, old, with string) func(*faults, int) []stored {
	return func(f *faults, n int) []stored {
		hit := f.pick(typ, n, holds(old))
		for _, s := range hit {
			stamp, content := s.apart()
			f.seal(s, stamp+strings.Replace(content, old, with, 1))
		}
		return hit
	}
}

// each is a fault that is one statement on the row of a resource.
func each(typ, stmt string) func(*faults, int) []stored {
	return func(f *faults, n int) []stored {
		hit := f.pick(typ, n, nil)
		for _, s := range hit {
			f.one(stmt, s.rid)
		}
		return hit
	}
}

// kind is a kind of fault, and the checks that must find each of them.
type kind struct {
	name   string
	checks []string
	inject func(f *faults, n int) []stored
}

func kinds() []kind {
	both := []string{proof.RowSpace, proof.ResourceSpace}
	return append(append(forgedKinds(), witnessedKinds()...), []kind{
		{"dropped", []string{proof.Versions, proof.ResourceSpace}, dropped},
		{"dropped with all that points at it", []string{proof.Books}, forgotten},
		{"duplicated", []string{proof.Extras}, duplicated},
		{"swapped", both, swapped},
		{"stale", []string{proof.Versions}, each("Patient", `UPDATE resource SET version = version - 1 WHERE rid = $1`)},
		{"ahead", []string{proof.Versions}, each("Patient", `UPDATE resource SET version = version + 1 WHERE rid = $1`)},
		{"character set", both, change("Patient", "É", "Ã‰")},
		{"character lost", both, change("Patient", "É", "?")},
		{"name swapped with given name", both, change("Patient", `"family":"L`, `"family":"Z`)},
		{"time zone", both, change("Encounter", "T09:", "T14:")},
		{"offset", both, change("Encounter", "-05:00", "-04:00")},
		{"day", both, change("Patient", `"birthDate":"19`, `"birthDate":"18`)},
		{"truncated text", both, change("Encounter", "raison 2", "raison ")},
		{"decimal lost", []string{proof.ResourceSpace}, change("Encounter", "12.50", "12.5")},
		{"amount", both, change("Encounter", "12.50", "12.51")},
		{"telephone left out", both, phoneless},
		{"code", both, change("Patient", `"female"`, `"male"`)},
		{"reference", []string{proof.ResourceSpace}, change("Encounter", `"reference":"Patient/`, `"reference":"Patient/0`)},
		{"element added", []string{proof.ResourceSpace}, change("Patient", `"gender":`, `"active":true,"gender":`)},
		{"tombstone", []string{proof.Versions}, each("Encounter", `UPDATE resource SET deleted = TRUE WHERE rid = $1`)},
		{"body cut off", []string{proof.Versions, proof.IndexRows}, cut},
		{"body of nothing", []string{proof.Versions, proof.IndexRows}, each("Patient", `UPDATE resource SET body = NULL WHERE rid = $1`)},
		{"version in the past made up", []string{proof.Versions}, madeUp},
		{"token of the index lost", []string{proof.IndexRows}, lostToken},
		{"token of the index added", []string{proof.IndexRows}, addedToken},
		{"text of the index changed", []string{proof.IndexRows}, each("Patient", `UPDATE ix_string SET value = value || 'x' WHERE rid = $1`)},
		{"date of the index changed", []string{proof.IndexRows}, each("Encounter", `UPDATE ix_date SET lo = lo - 3600000000 WHERE rid = $1`)},
		{"reference of the index lost", []string{proof.IndexRows}, each("Encounter", `DELETE FROM ix_ref WHERE rid = $1`)},
		{"link lost", []string{proof.ResourceSpace}, link(`DELETE FROM strangler_link WHERE tenant = 1 AND tbl = $1 AND key = $2`)},
		{"link of another version", []string{proof.Versions}, link(`UPDATE strangler_link SET version = version + 1 WHERE tenant = 1 AND tbl = $1 AND key = $2`)},
		{"ledger row lost", []string{proof.Books}, link(`DELETE FROM strangler_row WHERE tenant = 1 AND tbl = $1 AND key = $2`)},
		{"ledger row filtered", []string{proof.ResourceSpace}, link(`UPDATE strangler_row SET state = 2 WHERE tenant = 1 AND tbl = $1 AND key = $2`)},
		{"ledger row in quarantine", []string{proof.Held}, link(`UPDATE strangler_row SET state = 3 WHERE tenant = 1 AND tbl = $1 AND key = $2`)},
		{"ledger leaf", []string{proof.Books}, link(`UPDATE strangler_row SET leaf = key WHERE tenant = 1 AND tbl = $1 AND key = $2`)},
	}...)
}

func dropped(f *faults, n int) []stored {
	hit := f.pick("Patient", n, nil)
	for _, s := range hit {
		f.wipe(s)
	}
	return hit
}

func (f *faults) wipe(s stored) {
	for _, t := range f.tables[:7] {
		f.SQL(`DELETE FROM `+t+` WHERE rid = $1`, s.rid)
	}
}

// forgotten is a drop that covers its traces in the books too.
func forgotten(f *faults, n int) []stored {
	hit := f.pick("Encounter", n, nil)
	for _, s := range hit {
		f.wipe(s)
		table, key := f.row(s)
		f.one(`DELETE FROM strangler_link WHERE tenant = 1 AND tbl = $1 AND key = $2`, table, key)
		f.one(`DELETE FROM strangler_row WHERE tenant = 1 AND tbl = $1 AND key = $2`, table, key)
	}
	return hit
}

// row is the legacy row behind a resource, as the ledger names it.
func (f *faults) row(s stored) (table int32, key []byte) {
	name, legacy := "Clinic.Person", "Patient"
	if s.typ != legacy {
		name = "Clinic.Visit"
	}
	n, err := strconv.ParseInt(s.key, 10, 64)
	if err != nil {
		f.T.Fatal(err)
	}
	table = int32(f.Int(`SELECT id FROM strangler_name WHERE tenant = 1 AND name = $1`, name))
	return table, f.Clinic.Key(name, n)
}

func link(stmt string) func(*faults, int) []stored {
	return func(f *faults, n int) []stored {
		hit := f.pick("Patient", n, nil)
		for _, s := range hit {
			table, key := f.row(s)
			f.one(stmt, table, key)
		}
		return hit
	}
}

// duplicated copies a resource, with its index rows, under a new id.
func duplicated(f *faults, n int) []stored {
	hit := f.pick("Patient", n, nil)
	for _, s := range hit {
		f.extra++
		twin := s
		twin.rid, twin.id = 1_000_000+int64(f.extra), fmt.Sprintf("twin-%d", f.extra)
		body := strings.Replace(s.body, s.id, twin.id, 1)
		sealed, err := f.Sealer.Seal(nil, []byte(body), place(twin))
		if err != nil {
			f.T.Fatal(err)
		}
		f.one(`INSERT INTO resource (tenant, type, id, rid, version, updated, method, deleted, present, body)
			SELECT tenant, type, $2, $3, version, updated, method, deleted, present, $4 FROM resource WHERE rid = $1`, s.rid, twin.id, twin.rid, sealed)
		f.SQL(`INSERT INTO ix_token (tenant, hash, system, rid) SELECT tenant, hash, system, $2 FROM ix_token WHERE rid = $1`, s.rid, twin.rid)
	}
	return hit
}

// swapped exchanges what two resources say, but for their ids.
func swapped(f *faults, n int) []stored {
	hit := f.pick("Patient", n/2*2, nil)
	for i := 0; i+1 < len(hit); i += 2 {
		a, b := hit[i], hit[i+1]
		f.seal(a, f.dressed(b.body, a))
		f.seal(b, f.dressed(a.body, b))
	}
	return hit
}

// dressed is another one's body with the id and the instant of s.
func (f *faults) dressed(body string, s stored) string {
	own, err := fhir.Parse([]byte(s.body), fhir.Limits{})
	if err != nil {
		f.T.Fatal(err)
	}
	r, err := fhir.Parse([]byte(body), fhir.Limits{})
	if err != nil {
		f.T.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339Nano, own.Meta().LastUpdated)
	if err != nil {
		f.T.Fatal(err)
	}
	b, err := fhir.Stamp(r, s.id, own.Meta().VersionID, at)
	if err != nil {
		f.T.Fatal(err)
	}
	return string(b)
}

func phoneless(f *faults, n int) []stored {
	hit := f.pick("Patient", n, holds(`"telecom":[`))
	for _, s := range hit {
		from := strings.Index(s.body, `"telecom":[`) + len(`"telecom":[`)
		end := strings.Index(s.body[from:], "},{")
		f.seal(s, s.body[:from]+s.body[from+end+2:])
	}
	return hit
}

func cut(f *faults, n int) []stored {
	hit := f.pick("Encounter", n, nil)
	for _, s := range hit {
		var sealed []byte
		err := f.DB.Query(f.T.Context(), db.Same(`SELECT body FROM resource WHERE rid = $1`), []any{s.rid}, func(r db.Row) error {
			sealed = r.Bytes(0)
			return nil
		})
		if err != nil {
			f.T.Fatal(err)
		}
		f.one(`UPDATE resource SET body = $2 WHERE rid = $1`, s.rid, sealed[:len(sealed)-1])
	}
	return hit
}

func madeUp(f *faults, n int) []stored {
	hit := f.pick("Patient", n, nil)
	for _, s := range hit {
		f.one(`INSERT INTO resource_history (tenant, rid, version, type, updated, method, deleted, body)
			SELECT tenant, rid, 7, type, updated, method, deleted, body FROM resource WHERE rid = $1`, s.rid)
	}
	return hit
}

func lostToken(f *faults, n int) []stored {
	hit := f.pick("Patient", n, nil)
	for _, s := range hit {
		f.one(`DELETE FROM ix_token WHERE rid = $1 AND hash = (SELECT min(hash) FROM ix_token WHERE rid = $1)`, s.rid)
	}
	return hit
}

func addedToken(f *faults, n int) []stored {
	hit := f.pick("Patient", n, nil)
	for _, s := range hit {
		f.one(`INSERT INTO ix_token (tenant, hash, system, rid) VALUES (1, $2, 0, $1)`, s.rid, int64(f.random.Uint64()))
	}
	return hit
}

// found are the things that a check names.
func found(c proof.Certificate, check string) map[string]bool {
	names := map[string]bool{}
	for _, d := range c.Differing {
		if d.Check != check || d.Key == "" || d.Table == "Clinic.Phone" { // children go with their roots
			continue
		}
		names[d.Key] = true
	}
	return names
}

// rowsOnly are the differences that are not of a table of the books as a whole.
func rowsOnly(c proof.Certificate) []proof.Difference {
	return slices.DeleteFunc(slices.Clone(c.Differing), func(d proof.Difference) bool { return strings.HasPrefix(d.Table, "strangler_") })
}

// TestEveryFaultIsFound puts faults of each kind into the store behind its back: each of them is found, by each of the
// checks that should find it, and nothing else is called a fault. FICUS_FAULTS sets how many of each kind; the quality
// document promises a thousand.
func TestEveryFaultIsFound(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		n := 25
		if s := os.Getenv("FICUS_FAULTS"); s != "" {
			n, _ = strconv.Atoi(s)
		}
		w.Batch = 500
		w.Fill(2*n + 10)
		w.Move()
		writeHere(w, n)
		w.Want(w.Prove(), 0)
		seed := uint64(time.Now().UnixNano())
		t.Log("seed", seed)
		f := newFaults(w, seed)
		for _, k := range kinds() {
			t.Run(k.name, func(t *testing.T) { f.tell(t, k, n) })
		}
		f.T = t
		f.heal()
		w.Want(w.Prove(), 0)
	})
}

func (f *faults) tell(t *testing.T, k kind, n int) {
	f.T = t
	f.heal()
	hit := k.inject(f, n)
	if len(hit) < n/2 {
		t.Fatalf("only %d faults", len(hit))
	}
	q := f.Question()
	q.List = 1 << 20
	c, err := q.Prove(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range k.checks {
		got := found(c, check)
		for _, s := range hit {
			if !got[s.key] && !got[s.typ+"/"+s.id] {
				t.Errorf("%s did not find %s", check, s.key)
			}
		}
		for name := range got {
			if !ofHit(hit, name) {
				t.Errorf("%s calls %s a fault, and it is none", check, name)
			}
		}
	}
	if c.Differences == 0 || len(c.Differing) != int(c.Differences) {
		t.Errorf("%d differences, %d listed", c.Differences, len(c.Differing))
	}
}

// ofHit reports whether a difference names one of the things that were hit, whatever its type or its resource have become.
func ofHit(hit []stored, name string) bool {
	for _, s := range hit {
		if name == s.key || strings.HasSuffix("/"+name, "/"+s.id) || name == s.typ+"/" {
			return true
		}
	}
	return false
}
