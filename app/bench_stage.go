package app

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ficushealth/ficus/bench"
	"github.com/ficushealth/ficus/bench/raw"
	"github.com/ficushealth/ficus/bench/synth"
	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/load"
)

// benchStage is what a measurement is made on: two filled databases and the servers on them.
type benchStage struct {
	c     *benchRun
	s     *Streams
	world synth.World
	data  *bench.Data

	dir      string
	ours     Database
	token    string
	children []*child

	resources, bytes int64
	disk             map[string]int64
}

// The databases on a PostgreSQL server.
const (
	benchDB    = "ficus_bench"
	benchRawDB = "ficus_bench_raw"
)

func (b *benchStage) postgres() bool { return b.c.DB != "sqlite" }

func (b *benchStage) database() string {
	if b.postgres() {
		return "PostgreSQL"
	}
	return "SQLite"
}

// set fills the databases and starts the servers.
func (b *benchStage) set(ctx context.Context) ([]bench.Contender, error) {
	if err := b.place(ctx); err != nil {
		return nil, err
	}
	if err := b.fill(ctx); err != nil {
		return nil, err
	}
	if err := b.copy(ctx); err != nil {
		return nil, err
	}
	contenders, err := b.start(ctx)
	if err != nil {
		return nil, err
	}
	others, err := b.others(ctx)
	return append(contenders, others...), err
}

// place makes the folder and the databases.
func (b *benchStage) place(ctx context.Context) (err error) {
	b.dir = b.c.Dir
	if b.dir == "" {
		if b.dir, err = os.MkdirTemp("", "ficus-bench-"); err != nil {
			return err
		}
	}
	b.ours = Database{DB: "sqlite:" + filepath.Join(b.dir, "ficus.db"), KeyFile: filepath.Join(b.dir, "ficus.key"), Durability: b.c.Durability}
	if !b.postgres() {
		return nil
	}
	b.ours.DB = b.on(benchDB)
	return b.admin(ctx, "DROP DATABASE IF EXISTS "+benchDB, "DROP DATABASE IF EXISTS "+benchRawDB, "CREATE DATABASE "+benchDB)
}

// on is the URL of another database of the server.
func (b *benchStage) on(name string) string {
	u, err := url.Parse(b.c.DB)
	if err != nil {
		return b.c.DB // Open says what is wrong with it
	}
	u.Path = "/" + name
	return u.String()
}

func (b *benchStage) rawURL() string {
	if b.postgres() {
		return b.on(benchRawDB)
	}
	return "sqlite:" + filepath.Join(b.dir, "raw.db")
}

// admin runs statements on the server itself.
func (b *benchStage) admin(ctx context.Context, statements ...string) (err error) {
	d, err := db.Open(ctx, b.c.DB, db.Options{MaxConns: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	for _, s := range statements {
		if _, err := d.Exec(ctx, db.Same(s)); err != nil {
			return err
		}
	}
	return nil
}

// fill stores the patients, without waiting for the disk, and notes what they take there.
func (b *benchStage) fill(ctx context.Context) error {
	d := b.ours
	d.Durability = "off"
	return administer(ctx, Place{Database: d}, func(a *Tenancy) (err error) {
		if _, err := a.Accounts.FirstUser(ctx, a.operator()); err != nil { // nobody signs in here, so the server has no password to show
			return err
		}
		if _, b.token, err = a.Accounts.Issue(ctx, a.operator(), accounts.Order{Name: "bench", Scopes: "system/*.cruds"}); err != nil {
			return err
		}
		if err := b.post(ctx, load.Desk{Desk: a.Store.As(a.operator())}, true); err != nil {
			return err
		}
		b.disk, err = a.diskParts(ctx)
		return err
	})
}

// fillers is how many patients are stored side by side.
const fillers = 4

// post sends hospitals and patients to a server or the store.
func (b *benchStage) post(ctx context.Context, to load.Target, count bool) error {
	if err := b.send(ctx, to, b.world.Hospitals(synth.Known), count); err != nil {
		return err
	}
	bar := newBar(b.s, "filling", "patients")
	defer bar.end()
	var done atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(fillers)
	for i := range b.c.Patients {
		g.Go(func() error {
			err := b.send(ctx, to, b.world.Patient(i, synth.Known), count)
			done.Add(1)
			return err
		})
		bar.set(done.Load(), int64(b.c.Patients))
	}
	return g.Wait()
}

func (b *benchStage) send(ctx context.Context, to load.Target, bundle []byte, count bool) error {
	answers, err := to.Send(ctx, true, bundle)
	if err != nil || !count {
		return err
	}
	r, err := fhir.Parse(bundle, fhir.Limits{Bytes: 1 << 30})
	if err != nil {
		return err
	}
	for e := range (fhir.Bundle{Resource: r}).Entries() {
		atomic.AddInt64(&b.bytes, int64(len(e.Body.Raw())))
	}
	atomic.AddInt64(&b.resources, int64(len(answers)))
	return nil
}

// copy makes the database of the raw limit.
func (b *benchStage) copy(ctx context.Context) error {
	if b.postgres() {
		return b.admin(ctx, "CREATE DATABASE "+benchRawDB+" TEMPLATE "+benchDB)
	}
	return copyFile(filepath.Join(b.dir, "ficus.db"), filepath.Join(b.dir, "raw.db"))
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // nothing was written
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// start starts the servers, each in a process of its own.
func (b *benchStage) start(ctx context.Context) ([]bench.Contender, error) {
	common := []string{"--db", b.ours.DB, "--key-file", b.ours.KeyFile, "--durability", b.c.Durability, "--listen", "127.0.0.1:0"}
	ours, err := b.child(ctx, append([]string{"serve", "--log-level", "warn"}, common...))
	if err != nil {
		return nil, err
	}
	common[1] = b.rawURL()
	limit, err := b.child(ctx, append([]string{"bench", "raw"}, common...))
	if err != nil {
		return nil, err
	}
	f := bench.Contender{Name: "ficus", Base: ours.address, Token: b.token, PID: ours.pid(), Start: ours.start.Seconds(), Disk: b.diskOf(benchDB, "ficus.db"), Written: b.written(ours.pid())}
	r := bench.Contender{Name: "raw", Base: limit.address, PID: limit.pid(), Disk: b.diskOf(benchRawDB, "raw.db"), Written: b.written(limit.pid())}
	u := bench.Contender{Name: "raw, no audit", Base: limit.address, Token: raw.Unaudited, Only: "read"}
	return []bench.Contender{f, r, u}, nil
}

// others loads the servers that are given by their addresses.
func (b *benchStage) others(ctx context.Context) (all []bench.Contender, err error) {
	for _, against := range b.c.Against {
		other, err := contender(against)
		if err != nil {
			return nil, err
		}
		if err := b.post(ctx, load.ToServer(other.Base, other.Token, fillers), false); err != nil {
			return nil, err
		}
		all = append(all, other)
	}
	return all, nil
}

// clear stops the servers and removes what was made.
func (b *benchStage) clear(err error) error {
	for _, c := range b.children {
		err = cmp.Or(err, c.stop())
	}
	if b.postgres() && b.dir != "" {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		err = cmp.Or(err, b.admin(ctx, "DROP DATABASE IF EXISTS "+benchDB, "DROP DATABASE IF EXISTS "+benchRawDB))
	}
	if b.c.Dir == "" && b.dir != "" {
		err = cmp.Or(err, os.RemoveAll(b.dir))
	}
	return err
}

// openedAtOnce is how many bodies are opened at once for the raw limit.
const openedAtOnce = 500

// openBodies yields the bodies of a database, page by page.
func openBodies(ctx context.Context, s *store.Store) func() ([]raw.Body, error) {
	var after int64
	return func() ([]raw.Body, error) {
		list, next, err := s.Scan(ctx, accounts.First, nil, after, openedAtOnce)
		after = next
		var out []raw.Body
		for _, v := range list {
			out = append(out, raw.Body{RID: v.RID, JSON: v.Body})
		}
		return out, err
	}
}
