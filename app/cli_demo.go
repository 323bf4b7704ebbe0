package app

import (
	"bufio"
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/packs/opal/synth"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/proof"
)

type demoCommand struct {
	Patients int    `help:"Patients of the made-up hospital." default:"200"`
	Seed     uint64 `help:"Another number makes other people." default:"1"`
	Dump     string `help:"Move this dump of OpalDB instead of a made-up one." placeholder:"FILE" type:"existingfile"`
	Dir      string `help:"Folder for database, key, dump and certificate; it is kept. Empty: a temporary one, removed at the end." placeholder:"FOLDER" type:"path"`
	Exit     bool   `help:"End after the proof, without serving."`
	Listen   string `help:"Address to serve on; if it is taken, another port is." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
}

// Help is shown by --help.
func (c *demoCommand) Help() string {
	return `Nothing is needed but this program: a dump of a made-up hospital is written, planned, moved into an embedded database, proved, certified and served.`
}

// Run shows it all.
func (c *demoCommand) Run(ctx context.Context, s *Streams) error {
	dir, clean, err := c.folder()
	if err != nil {
		return err
	}
	defer clean()
	d := &demo{demoCommand: c, s: s, dir: dir}
	return d.show(ctx)
}

func (c *demoCommand) folder() (dir string, clean func(), err error) {
	if c.Dir != "" {
		return c.Dir, func() {}, os.MkdirAll(c.Dir, 0o700)
	}
	dir, err = os.MkdirTemp("", "ficus-demo-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

// demo is a demoCommand at work.
type demo struct {
	*demoCommand
	s      *Streams
	dir    string
	step   int
	begun  time.Time
	legacy *legacy
}

// done prints what a step did.
func (d *demo) done(verb, format string, args ...any) {
	d.step++
	took := span(time.Since(d.begun).Round(time.Millisecond))
	sayf(d.s.Out, "  %d %-8s %s  (%s)", d.step, verb, fmt.Sprintf(format, args...), took)
	d.begun = time.Now()
}

func (d *demo) more(format string, args ...any) { sayf(d.s.Out, "             "+format, args...) }

func (d *demo) show(ctx context.Context) error {
	title := fmt.Sprintf("a made-up hospital of %s patients", count(int64(d.Patients)))
	if d.Dump != "" {
		title = filepath.Base(d.Dump)
	}
	kept := " (removed at the end; --dir keeps it)"
	if d.Dir != "" {
		kept = ""
	}
	sayf(d.s.Out, "\n  Ficus: from a legacy dump to a FHIR server, with proof\n  %s, in %s%s\n", title, d.dir, kept)
	d.begun = time.Now()
	dump, err := d.write()
	if err != nil {
		return err
	}
	db := site{Place{Database: Database{DB: "sqlite:" + filepath.Join(d.dir, "ficus.db")}}, Address{Listen: d.Listen}}
	origin := origin{Pack: "opal", Source: "dump:" + dump, StageDir: filepath.Join(d.dir, "stage")}
	if d.legacy, err = origin.open(ctx, d.s, db.Place); err != nil {
		return err
	}
	defer d.legacy.close()
	if err := d.plan(ctx); err != nil {
		return err
	}
	a, err := openMoving(ctx, db)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.keep(ctx, d.legacy); err != nil {
		return err
	}
	if err := d.move(ctx, a, db); err != nil {
		return err
	}
	if err := d.prove(ctx, a); err != nil || d.Exit {
		return err
	}
	return d.serve(ctx, a)
}

// write writes the dump, or names the one that was given.
func (d *demo) write() (path string, err error) {
	if d.Dump != "" {
		return d.Dump, nil
	}
	path = filepath.Join(d.dir, "opal.sql")
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	manifest, err := synth.Dump(w, synth.Options{Patients: d.Patients, Seed: d.Seed})
	if err = errors.Join(err, w.Flush(), f.Close()); err != nil {
		return "", err
	}
	var rows, traps int64
	for _, n := range manifest.Rows {
		rows += n
	}
	for _, n := range manifest.Traps {
		traps += n
	}
	d.done("dump", "%s rows in %d tables, with %s traps of %d kinds: zero dates, bad phones, orphans ...", count(rows), len(manifest.Rows), count(traps), len(manifest.Traps))
	return path, nil
}

func (d *demo) plan(ctx context.Context) error {
	p, err := d.legacy.plan(ctx, nil, 0, "sqlite:")
	if err != nil {
		return err
	}
	if err := planFault(p); err != nil {
		printProblems(d.s.Out, p.Problems)
		return err
	}
	var odd int64
	for _, t := range p.Tables {
		odd += sum(t.Findings)
	}
	d.done("plan", "%s rows in %d tables that the pack covers, %s odd values; %d other tables", count(p.Rows), len(p.Tables), count(odd), len(p.Uncovered))
	return nil
}

func (d *demo) move(ctx context.Context, a *Tenancy, db site) error {
	res, err := a.move(ctx, d.s, d.legacy, &migrateRun{site: db})
	if err != nil {
		return err
	}
	d.done("move", "%s rows of root tables -> %s resources and records, %s rows/s", count(res.Rows), count(res.Wrote), count(int64(float64(res.Rows)/max(res.Took.Seconds(), 1e-3))))
	return nil
}

func (d *demo) prove(ctx context.Context, a *Tenancy) error {
	if err := mapping.Refuse(d.legacy.problems); err != nil {
		return err
	}
	c, err := a.prove(ctx, d.s, d.legacy, 100)
	if err != nil {
		return err
	}
	var source, mapped, filtered, held, compared int64
	for _, t := range c.Tables {
		source, mapped, filtered, held = source+t.Source, mapped+t.Mapped, filtered+t.Filtered, held+t.Quarantined
	}
	for _, x := range c.Checks {
		compared += x.Compared
	}
	d.done("verify", "%s rows = %s mapped + %s filtered + %s in quarantine", count(source), count(mapped), count(filtered), count(held))
	d.more("%s comparisons of %d kinds, %s differences", count(compared), len(c.Checks), count(c.Differences))
	d.more("root of the source %.24s...", c.Roots.Source)
	d.more("root of the store  %.24s...", c.Roots.Target)
	printDiffering(d.s.Out, c)
	return errors.Join(d.certify(ctx, a, c), proofFault(c))
}

// certify signs the certificate and checks the signature as anybody else would.
func (d *demo) certify(ctx context.Context, a *Tenancy, c proof.Certificate) error {
	path := filepath.Join(d.dir, "certificate.json")
	if err := a.sign(ctx, io.Discard, c, path); err != nil {
		return err
	}
	doc, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	key, err := a.Vault.SignKey(ctx)
	if err != nil {
		return err
	}
	opened, err := proof.Open(doc, key.Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	d.done("certify", "%s, signed with key %s, signature checked", path, opened.Key.ID)
	return nil
}

func (d *demo) serve(ctx context.Context, a *Tenancy) error {
	_, token, err := a.Accounts.Issue(ctx, a.operator(), accounts.Order{Name: "demo", Scopes: "system/*.cruds", Life: 24 * time.Hour})
	if err != nil {
		return err
	}
	examples, err := a.examples(ctx)
	if err != nil {
		return err
	}
	a.Config.Listen = freeAddress(d.Listen)
	a.Config.LogLevel = "warn"
	a.Log = slog.New(slog.NewTextHandler(d.s.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return a.Serve(ctx, func(at net.Addr) {
		base := "http://" + at.String() + "/fhir"
		d.done("serve", "%s", base)
		if a.Config.Listen != d.Listen {
			d.more("(%s is taken)", d.Listen)
		}
		d.try(base, token, examples)
	})
}

// try prints what to try.
func (d *demo) try(base, token string, examples []string) {
	sayf(d.s.Out, "\n  Token, good for a day:\n\n    %s\n\n  Try, in another window:\n", token)
	sayf(d.s.Out, "    curl -s '%s/metadata'", base)
	for _, e := range examples {
		sayf(d.s.Out, "    curl -s -H 'Authorization: Bearer %s' '%s/%s'", token, base, e)
	}
	end := "  Ctrl-C ends it and removes " + d.dir
	if d.Dir != "" {
		end = "  Ctrl-C ends it; " + d.dir + " is kept"
	}
	sayf(d.s.Out, "\n%s", end)
}

// freeAddress is the wanted address, or a free port of the same host if that is taken.
func freeAddress(wanted string) string {
	l, err := net.Listen("tcp", wanted)
	if err == nil {
		_ = l.Close()
		return wanted
	}
	host, _, err := net.SplitHostPort(wanted)
	if err != nil {
		return wanted
	}
	return net.JoinHostPort(cmp.Or(host, "127.0.0.1"), "0")
}
