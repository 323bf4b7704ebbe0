package app

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/proof"
)

type migrateVerify struct {
	origin
	site
	Certificate string `help:"File for the signed certificate." placeholder:"FILE" type:"path"`
	List        int    `help:"Differences to be listed; all are counted." default:"1000"`
}

// Help is shown by --help.
func (c *migrateVerify) Help() string {
	return `Both sides are read anew. What the store returns is mapped back and compared with the rows of the source; the rows are mapped anew and compared with what is stored; the index is computed anew; the pack's golden rows are tried; ledger, crosswalk, quarantine, versions and history are compared.

The exit code is 1 if there is one difference. The certificate is written all the same and says so. What is damaged is a difference too.`
}

// Run proves, prints and signs.
func (c *migrateVerify) Run(ctx context.Context, s *Streams) error {
	if err := mustExist(ctx, c.Database); err != nil {
		return err
	}
	if err := mayWrite(c.Certificate); err != nil {
		return err
	}
	l, err := c.open(ctx, s, c.Place)
	if err != nil {
		return err
	}
	defer l.close()
	if err := mapping.Refuse(l.problems); err != nil {
		return err
	}
	a, err := openMoving(ctx, c.site)
	if err != nil {
		return err
	}
	defer a.Close()
	certificate, err := a.prove(ctx, s, l, c.List)
	if err != nil {
		return err
	}
	printProof(s.Out, certificate)
	if err := a.sign(ctx, s.Out, certificate, c.Certificate); err != nil {
		return err
	}
	return proofFault(certificate)
}

// mayWrite refuses a file that could not be written when the proof is done. What is in it is left, and none is left behind.
func mayWrite(path string) error {
	at, missing := os.Lstat(path)
	if path == "" || missing == nil && at.Mode()&(fs.ModeDevice|fs.ModeNamedPipe) != 0 {
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return fault.New(fault.Invalid, "the certificate cannot be written, so nothing was compared: %v", err)
	}
	err = f.Close()
	if missing != nil {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

func proofFault(c proof.Certificate) error {
	if c.Differences == 0 {
		return nil
	}
	return fault.New(fault.Unprocessable, "the proof found %s differences", count(c.Differences))
}

func (a *Tenancy) prove(ctx context.Context, s *Streams, l *legacy, list int) (proof.Certificate, error) {
	sealer, err := a.Vault.Sealer(ctx, a.Tenant)
	if err != nil {
		return proof.Certificate{}, err
	}
	bar := newBar(s, "proving", "rows")
	defer bar.end()
	return proof.Question{
		DB: a.DB, Store: a.Store, Sinks: a.sinks(), Tenant: a.Tenant, Legacy: l.stage, Name: l.name, Pack: l.pack, Sealer: sealer, Golden: l.golden,
		Program: proof.Program{Version: Version(), Hash: programHash()}, Now: a.Now, List: list, Progress: bar.set,
		AuditKeys: auditKeys(a.Vault), Anchor: a.Config.Anchor,
	}.Prove(ctx)
}

// sign signs the certificate and writes it where it was asked for.
func (a *App) sign(ctx context.Context, w io.Writer, c proof.Certificate, path string) error {
	if path == "" {
		return nil
	}
	key, err := a.Vault.SignKey(ctx)
	if err != nil {
		return err
	}
	doc, err := proof.Sign(c, keyID(key.Public().(ed25519.PublicKey)), key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, append(doc, '\n'), 0o644); err != nil {
		return err
	}
	sayf(w, "Certificate: %s, signed with key %s", path, keyID(key.Public().(ed25519.PublicKey)))
	return nil
}

// keyID names a public key: the beginning of its SHA-256.
func keyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// programHash is the SHA-256 of the program that runs, "" if it cannot be read.
func programHash() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close() //nolint:errcheck // it was only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

func printProof(w io.Writer, c proof.Certificate) {
	t := &sheet{heads: []string{"TABLE", "SOURCE", "MAPPED", "FILTERED", "QUARANTINE"}}
	for _, x := range c.Tables {
		t.add(x.Name, count(x.Source), count(x.Mapped), count(x.Filtered), count(x.Quarantined))
	}
	t.print(w)
	t = &sheet{heads: []string{"\nCHECK", "COMPARED", "DIFFERENCES"}}
	for _, x := range c.Checks {
		t.add(x.Name, count(x.Compared), count(x.Differences))
	}
	t.print(w)
	sayf(w, "\nRoot of the source %s\nRoot of the store  %s", c.Roots.Source, c.Roots.Target)
	if c.ChangedHere > 0 {
		sayf(w, "%s resources were changed here since they were moved; they were compared as they were moved", count(c.ChangedHere))
	}
	printDiffering(w, c)
	if slices.ContainsFunc(c.Checks, func(x proof.Check) bool { return x.Name == proof.IndexRows && x.Differences > 0 }) {
		sayf(w, "Index rows are made from what is stored: ficus admin index repair mends them, then verify again")
	}
	sayf(w, "%s differences, found in %s", count(c.Differences), span(c.Finished.Sub(c.Started).Round(time.Millisecond)))
}

func printDiffering(w io.Writer, c proof.Certificate) {
	const shown = 20
	for i, d := range c.Differing {
		if i == shown {
			sayf(w, "  and more: see the certificate")
			return
		}
		sayf(w, "  %s: %s %s: %s", d.Check, d.Table, d.Key, d.What)
	}
}
