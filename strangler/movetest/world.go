package movetest

import (
	"context"
	"embed"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/validate"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/move"
	"github.com/ficushealth/ficus/strangler/proof"
)

//go:embed clinic
var clinic embed.FS

// Tenant is whose data a World moves.
const Tenant = int32(1)

// World is a store on a database, and the clinic that is moved into it.
type World struct {
	T      testing.TB
	DB     *db.DB
	Vault  *vault.Vault
	Sealer *vault.Sealer
	Store  *store.Store
	Clinic *Memory
	Pack   *mapping.Pack
	Space  uuid.UUID

	Batch   int // rows of a batch
	Delete  bool
	Approve []string
	Told    func(move.Progress)
}

// Both tells a story of a World on each database.
func Both(t *testing.T, story func(t *testing.T, w *World)) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) { story(t, New(t, d)) })
}

// New makes a World on a fresh database, with an empty clinic.
func New(t testing.TB, d *db.DB) *World {
	t.Helper()
	w := &World{T: t, DB: d, Batch: 20}
	pack, err := mapping.Load(clinic, "clinic")
	w.must(err)
	w.Clinic = NewMemory(append(pack.Tables(), unused()))
	w.UsePack(pack)
	w.open(filepath.Join(t.TempDir(), "key"))
	return w
}

// valid is the part of a server's validation that holds for what a mapping makes.
func valid(_ context.Context, _ int32, r fhir.Resource) ([]fault.Issue, error) {
	return validate.Base(r), nil
}

func (w *World) open(keyFile string) {
	ctx := w.T.Context()
	w.must(vault.Migrate(ctx, w.DB))
	w.must(audit.Migrate(ctx, w.DB))
	w.must(ledger.Migrate(ctx, w.DB))
	w.must(Secrets{}.Migrate(ctx, w.DB))
	var err error
	w.Vault, err = vault.Open(ctx, w.DB, vault.Options{KeyFile: keyFile})
	w.must(err)
	w.Sealer, err = w.Vault.Sealer(ctx, Tenant)
	w.must(err)
	log := audit.NewLog(w.DB, w.auditKeys, audit.Options{})
	w.T.Cleanup(log.Close)
	w.Store, err = store.Open(ctx, w.DB, store.Options{Vault: w.Vault, Audit: log, Validate: valid})
	w.must(err)
	w.T.Cleanup(w.Store.Close)
	w.Space, err = ledger.Space(ctx, w.DB, Tenant, "clinic", uuid.MustParse("6f1c1b7e-4c1e-4a07-9a7e-2f3c4d5e6f70"))
	w.must(err)
}

func (w *World) auditKeys(int32) ([32]byte, error) { return w.Sealer.Derive("audit"), nil }

// UsePack binds another pack to the clinic.
func (w *World) UsePack(pack *mapping.Pack) {
	bound, problems := pack.Bind(w.Clinic.tables)
	w.must(mapping.Refuse(problems))
	w.Pack = bound
}

func (w *World) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Fill gives the clinic n persons with two telephones, three visits and a secret each.
func (w *World) Fill(n int) {
	for i := 1; i <= n; i++ {
		w.Person(i)
	}
}

// Person puts person i, and what belongs to him, into the clinic.
func (w *World) Person(i int) {
	born := time.Date(1930+i%80, time.Month(1+i%12), 1+i%28, 0, 0, 0, 0, time.UTC)
	died := any(nil)
	if i%7 == 0 {
		died = "2019-03-0" + fmt.Sprint(1+i%9) + " 23:30:00"
	}
	w.Clinic.Put("Clinic.Person", i, fmt.Sprintf("Zoé %d", i), fmt.Sprintf("L'Écuyer-%d", i), []string{"M", "F", "U"}[i%3],
		born.Format("2006-01-02 15:04:05"), died, []any{nil, "", "œuvre n°" + fmt.Sprint(i)}[i%3], "s"+fmt.Sprint(i))
	for k := range 2 {
		w.Clinic.Put("Clinic.Phone", 10*i+k, i, fmt.Sprintf("514555%04d", 10*i+k))
	}
	for k := range 3 {
		w.Clinic.Put("Clinic.Visit", 10*i+k, i, fmt.Sprintf("2024-0%d-11 09:%02d:00", 1+k, i%60), fmt.Sprintf("raison %d", k), []any{nil, "12.50", "0.00"}[k])
	}
	w.Clinic.Put("Clinic.Secret", i, i, "Quelle ville?", Answer(i))
}

// Answer is the secret of person i.
func Answer(i int) string { return fmt.Sprintf("%0128x", i) }

// Mover is a mover from the clinic as it is into the store.
func (w *World) Mover() *move.Mover {
	w.T.Helper()
	m, err := move.New(w.T.Context(), move.Job{
		DB: w.DB, Store: w.Store, Sinks: []store.RecordSink{Secrets{}}, Tenant: Tenant, Legacy: w.Clinic, Name: "clinic", Pack: w.Pack,
		Space: w.Space, Sealer: w.Sealer, Program: "test", BatchRows: w.Batch, DeleteVanished: w.Delete, Approve: w.Approve, Progress: w.Told,
	})
	w.must(err)
	return m
}

// Move runs a whole move.
func (w *World) Move() move.Result {
	w.T.Helper()
	res, err := w.Mover().Run(w.T.Context(), false)
	w.must(err)
	return res
}

// Prove compares both sides.
func (w *World) Prove() proof.Certificate {
	w.T.Helper()
	c, err := w.Question().Prove(w.T.Context())
	w.must(err)
	return c
}

// Question is what Prove asks.
func (w *World) Question() proof.Question {
	return proof.Question{
		DB: w.DB, Store: w.Store, Sinks: []store.RecordSink{Secrets{}}, Tenant: Tenant, Legacy: w.Clinic, Name: "clinic", Pack: w.Pack, Sealer: w.Sealer,
		AuditKeys: w.auditKeys,
	}
}

// Want fails the test unless the certificate counts so many differences.
func (w *World) Want(c proof.Certificate, differences int64) {
	w.T.Helper()
	if c.Differences != differences {
		w.T.Errorf("%d differences, want %d: %+v", c.Differences, differences, c.Differing)
	}
}

// SQL changes the database behind the store's back, and returns how many rows.
func (w *World) SQL(stmt string, args ...any) int64 {
	w.T.Helper()
	n, err := w.DB.Exec(context.Background(), db.Same(stmt), args...)
	w.must(err)
	return n
}

// Int asks the database for a number.
func (w *World) Int(stmt string, args ...any) (n int64) {
	w.T.Helper()
	w.must(w.DB.Query(context.Background(), db.Same(stmt), args, func(r db.Row) error {
		n = r.Int64(0)
		return nil
	}))
	return n
}

// Text asks the database for a text.
func (w *World) Text(stmt string, args ...any) (s string) {
	w.T.Helper()
	w.must(w.DB.Query(context.Background(), db.Same(stmt), args, func(r db.Row) error {
		s = r.Text(0)
		return nil
	}))
	return s
}
