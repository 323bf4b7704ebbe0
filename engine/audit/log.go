package audit

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Options tunes a log; every zero value works.
type Options struct {
	Now    func() time.Time // nil is time.Now
	Gather time.Duration    // longest wait of a Record for others to share its commit; 0 is 2 ms; it is not waited when alone
}

// Log writes entries: one writer with an id of its own. It is safe for concurrent use.
type Log struct {
	d      *db.DB
	keys   Keys
	o      Options
	writer writerID

	mu      sync.Mutex
	tenants map[int32]*account

	batcher
}

// account is what a log keeps of a tenant.
type account struct {
	*ledger
	key [32]byte
}

// NewLog begins a log on a database whose tables exist (Migrate). Close ends it.
func NewLog(d *db.DB, keys Keys, o Options) *Log {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Gather == 0 {
		o.Gather = 2 * time.Millisecond
	}
	l := &Log{d: d, keys: keys, o: o, tenants: map[int32]*account{}}
	rand.Read(l.writer[:]) // never fails
	l.batcher.start(l)
	return l
}

var insert = db.Text{
	SQLite: `INSERT INTO audit_pending (tenant, counter, at, writer, mac, body) VALUES ($1, $2, $3, $4, $5, $6)`,
	Postgres: `INSERT INTO audit_pending (tenant, counter, at, writer, mac, body)
		SELECT * FROM unnest($1::int4[], $2::int8[], $3::int8[], $4::bytea[], $5::bytea[], $6::bytea[])`,
}

// Append queues the entries behind the change that they tell of: one row for each tenant among them. They are stored when
// the transaction commits. No entries: nothing is queued. Faults: Internal for an entry without tenant, and what the keys
// say; they also make the transaction fail, so that no change goes without its entry.
func (l *Log) Append(_ context.Context, p *db.Pipe, entries []Entry) error {
	err := l.append(p, entries)
	if err != nil {
		p.Fail(err)
	}
	return err
}

func (l *Log) append(p *db.Pipe, entries []Entry) error {
	for len(entries) > 0 {
		tenant := entries[0].Tenant
		if tenant <= 0 {
			return fault.New(fault.Internal, "an audit entry has no tenant")
		}
		own, others := split(entries, tenant)
		if err := l.appendTenant(p, tenant, own); err != nil {
			return err
		}
		entries = others
	}
	return nil
}

// split parts a tenant's entries from the others, in their order; it copies only if there are others.
func split(entries []Entry, tenant int32) (own, others []Entry) {
	for i := range entries {
		if entries[i].Tenant == tenant {
			continue
		}
		own = append(own, entries[:i]...)
		for _, e := range entries[i:] {
			if e.Tenant == tenant {
				own = append(own, e)
			} else {
				others = append(others, e)
			}
		}
		return own, others
	}
	return entries, nil
}

func (l *Log) appendTenant(p *db.Pipe, tenant int32, entries []Entry) error {
	a, err := l.account(tenant)
	if err != nil {
		return err
	}
	l.mu.Lock()
	n, gaps := a.issue()
	l.mu.Unlock()
	p.AtEnd(func(err error) { l.settle(a, n, gaps, err) })
	r := row{tenant: tenant, writer: l.writer, counter: n, at: l.o.Now().UnixMicro(), body: encodeBody(gaps, entries)}
	r.mac = r.protect(a.key)
	p.Each(insert, []int32{tenant}, []int64{int64(n)}, []int64{r.at}, [][]byte{r.writer[:]}, [][]byte{r.mac[:]}, [][]byte{r.body})
	return nil
}

// Ready loads the tenant's key. Call it before the first transaction in which something is appended for a tenant: making or
// reading a key inside it may have to wait for the transaction itself. Faults: what the keys say.
func (l *Log) Ready(tenant int32) error {
	_, err := l.account(tenant)
	return err
}

// account opens a tenant's account at its first entry. The key is looked for without the lock: that may have to wait for a
// transaction whose end wants the lock.
func (l *Log) account(tenant int32) (*account, error) {
	if a := l.known(tenant); a != nil {
		return a, nil
	}
	key, err := l.keys(tenant)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tenants[tenant] == nil {
		l.tenants[tenant] = &account{newLedger(), key}
	}
	return l.tenants[tenant], nil
}

func (l *Log) known(tenant int32) *account {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tenants[tenant]
}

func (l *Log) settle(a *account, n uint64, told []gap, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a.settle(n, told, err)
}
