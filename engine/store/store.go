package store

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/semaphore"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// Options says what a store is made of. DB is given to Open; Vault and Audit are
// required; every other zero value works.
type Options struct {
	Vault *vault.Vault // seals the bodies
	Audit *audit.Log   // records reads and refusals

	Now      func() time.Time // default time.Now
	NewID    func() string    // logical ids of creates; default UUID version 7
	Rules    map[string]Rule  // by resource type: what the owner asks of each write
	Validate Check            // rules of FHIR for each write; nil: none are checked
	Base     string           // URL of this server: references that begin with it are its own
	Writers  int              // write groups at work side by side; default 1 on SQLite, 2 on PostgreSQL

	// DanglingReferences is the setting of tenants that have chosen none.
	DanglingReferences bool
	// Settings reads what a tenant has chosen; what it has not is as in defaults. nil: no tenant has chosen anything.
	Settings func(ctx context.Context, tenant int32, defaults Settings) (Settings, error)
	// DeleteMany lets a conditional delete take several matches at once; else that is refused.
	DeleteMany bool

	// Sources answer for resource types that the store does not keep, by type.
	Sources map[string]Source
	// OwnParams is how many search parameters of its own a tenant may have; default 100.
	OwnParams int
	// Jobs takes the work of indexing what a SearchParameter defines; nil: nothing is indexed that was there before.
	Jobs *jobs.Queue

	WriteLimit time.Duration // longest time one write group may take; default one minute
	Log        *slog.Logger  // nil is slog.Default
}

// Check finds what is wrong with a resource. It ends when ctx ends. Faults: TimedOut then.
type Check func(ctx context.Context, tenant int32, r fhir.Resource) ([]fault.Issue, error)

// Store is the open store. It is safe for concurrent use.
type Store struct {
	db    *db.DB
	vault *vault.Vault
	audit *audit.Log
	rids  *numbers

	now        func() time.Time
	newID      func() string
	rules      map[string]Rule
	check      Check
	base       string
	sources    map[string]Source
	defaults   Settings
	ask        func(context.Context, int32, Settings) (Settings, error)
	choices    choices
	deleteMany bool
	writeLimit time.Duration
	log        *slog.Logger

	reading bool // nothing may be written
	room    room
	keyring keyring
	terms   Terms // nil: none is joined

	measures  unitBook
	values    valueBook
	decisions access.Book
	book      paramBook
	most      int // search parameters of a tenant's own
	jobs      *jobs.Queue

	queue    chan *member
	pointers *semaphore.Weighted
	writers  sync.WaitGroup
	closing  sync.RWMutex
	closed   bool
}

// Open brings the store's tables up to date and starts its writers. Faults: as db.Migrate; Unavailable if a newer program has written
// index rows of a form that this one does not know.
func Open(ctx context.Context, d *db.DB, o Options) (*Store, error) {
	if o.Vault == nil || o.Audit == nil {
		return nil, fault.New(fault.Internal, "a store needs a vault and an audit log")
	}
	if err := Migrate(ctx, d); err != nil {
		return nil, err
	}
	o = o.withDefaults(d.Dialect())
	s := build(d, o)
	if err := d.Write(ctx, func(tx db.Tx) error { return s.claim(ctx, tx) }); err != nil {
		return nil, err
	}
	s.start(o.Writers)
	return s, nil
}

// OpenReading opens a store of which nothing is asked but what it holds, beside the process that may have the database for
// itself. It takes no writes and makes no tables; of Options it needs the vault and what Open was given. Faults: Conflict for a
// database that no server of this version has opened yet.
func OpenReading(ctx context.Context, d *db.DB, o Options) (*Store, error) {
	made, err := d.HasTable(ctx, "index_form")
	if err == nil && !made {
		err = fault.New(fault.Conflict, "the tables of the database are of an older version; start the server of this version once, which brings them up to date")
	}
	s := build(d, o.withDefaults(d.Dialect()))
	s.reading = true
	return s, err
}

func (o Options) withDefaults(d db.Dialect) Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = func() string { return uuid.Must(uuid.NewV7()).String() }
	}
	if o.WriteLimit <= 0 {
		o.WriteLimit = time.Minute
	}
	if o.OwnParams <= 0 {
		o.OwnParams = 100
	}
	if o.Writers <= 0 {
		o.Writers = 2
	}
	if d == db.SQLite {
		o.Writers = 1
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}

func build(d *db.DB, o Options) *Store {
	return &Store{
		db: d, room: room{8 << 20, 400_000}, vault: o.Vault, audit: o.Audit, rids: &numbers{d: d},
		now: o.Now, newID: o.NewID, rules: o.Rules, check: o.Validate, base: o.Base,
		defaults: Settings{DanglingReferences: o.DanglingReferences}, ask: o.Settings, deleteMany: o.DeleteMany, sources: o.Sources, most: o.OwnParams, jobs: o.Jobs, writeLimit: o.WriteLimit, log: o.Log,
		queue: make(chan *member, 4*groupMembers), pointers: semaphore.NewWeighted(mostRefs),
	}
}

func (s *Store) start(writers int) {
	s.writers.Add(writers)
	for range writers {
		go s.work()
	}
}

// Close refuses new writes, sees those through that have been accepted, and stops the writers.
func (s *Store) Close() {
	s.closing.Lock()
	if !s.closed {
		s.closed = true
		close(s.queue)
	}
	s.closing.Unlock()
	s.writers.Wait()
}

// As binds the store to one caller.
func (s *Store) As(p access.Principal) *Desk { return &Desk{s: s, p: p} }

// PostgresSettings are session settings under which the store's statements keep
// the shape that they were written in: nested look-ups by index, one plan for all values.
func PostgresSettings() map[string]string {
	return map[string]string{
		"enable_hashjoin": "off", "enable_mergejoin": "off", "enable_seqscan": "off",
		"enable_bitmapscan": "off", "enable_sort": "off", "plan_cache_mode": "force_generic_plan",
	}
}
