package move

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/source"
)

// Job says what is moved, from where and to where.
type Job struct {
	DB     *db.DB
	Store  *store.Store
	Sinks  []store.RecordSink // doors for the records that maps may write
	Tenant int32
	Legacy source.Family
	Name   string        // of the pack
	Pack   *mapping.Pack // bound to the tables of Legacy
	Space  uuid.UUID     // name space of ids: see ledger.Space

	Sealer *vault.Sealer // of the tenant: for fingerprints and the images in quarantine

	Program        string           // version of the program, for the books
	Now            func() time.Time // default time.Now
	Workers        int              // goroutines that map rows; default one per processor
	BatchRows      int              // rows of a batch; 0 finds out what suits the database
	Approve        []string         // filters that may take more than 1% of a table: see Approved
	DeleteVanished bool             // delete here what the source does not hold any more; else it is only reported
	Progress       func(Progress)   // told after each batch; may be nil
}

// Mover carries out a Job.
type Mover struct {
	Job
	desk   *store.Desk
	sinks  map[string]store.RecordSink
	tables mapping.Tables
	knows  sync.Mutex // guards names
	names  *crosswalk.Names
	leaves [32]byte // key of fingerprints
	size   size
	held   bool // something was in quarantine when the run began
}

// New prepares a move. fault.Invalid if the pack writes records for which there is no sink.
func New(ctx context.Context, j Job) (*Mover, error) {
	if j.Now == nil {
		j.Now = time.Now
	}
	if j.Workers <= 0 {
		j.Workers = runtime.GOMAXPROCS(0)
	}
	m := &Mover{Job: j, desk: j.Store.As(access.Inside(j.Tenant, "migration:"+j.Name)), size: newSize(j.BatchRows), leaves: ledger.LeafKey(j.Sealer)}
	if err := m.findSinks(); err != nil {
		return nil, err
	}
	var err error
	if m.Legacy, err = mapping.Whole(ctx, j.Pack, j.Legacy); err != nil {
		return nil, err
	}
	if m.tables, err = mapping.TablesOf(ctx, m.Legacy); err != nil {
		return nil, err
	}
	m.names, err = crosswalk.LoadNames(ctx, m.DB, m.Tenant)
	return m, err
}

func (m *Mover) findSinks() error {
	m.sinks = map[string]store.RecordSink{}
	for _, s := range m.Sinks {
		m.sinks[s.Name()] = s
	}
	for _, mp := range m.Pack.Maps() {
		for _, t := range mp.Targets {
			if mapping.IsRecord(t.Type) && m.sinks[t.Type] == nil {
				return fault.New(fault.Invalid, "map %s writes records %s, and no module takes them", mp.Name, t.Type)
			}
		}
	}
	return nil
}

// learnNames gives numbers to the names that are known beforehand; those of reasons and findings follow as they occur.
func (m *Mover) learnNames(ctx context.Context) error {
	var names []string
	for _, c := range m.Pack.Covered() {
		names = append(names, c.Table, c.Map)
	}
	for _, mp := range m.Pack.Maps() {
		for _, t := range mp.Targets {
			names = append(names, t.Slot, t.Type)
		}
	}
	return m.know(ctx, names)
}

// know gives numbers to names; it must not be called inside a transaction.
func (m *Mover) know(ctx context.Context, names []string) error {
	m.knows.Lock()
	defer m.knows.Unlock()
	return m.names.Know(ctx, m.DB, names...)
}

func (m *Mover) id(name string) int32 {
	m.knows.Lock()
	defer m.knows.Unlock()
	return m.names.ID(name)
}

func (m *Mover) name(id int32) string {
	m.knows.Lock()
	defer m.knows.Unlock()
	return m.names.Name(id)
}
