package app

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/source"
)

type migrateQuarantine struct {
	List  quarantineList  `cmd:"" help:"List the rows that could not be moved, and why."`
	Show  quarantineShow  `cmd:"" help:"Show one of them."`
	Retry quarantineRetry `cmd:"" help:"Read them again and move those that can be moved now."`
}

type quarantineList struct {
	noOrigin
	Place
	After int64 `help:"Begin behind this number." default:"0"`
	Limit int   `help:"How many are listed." default:"100"`
}

// Run lists. It can be asked while a run is at work.
func (c *quarantineList) Run(ctx context.Context, s *Streams) error {
	return lookAtBooks(ctx, c.Place, func(a *Tenancy, names *crosswalk.Names) error {
		t := &sheet{heads: []string{"NUMBER", "TABLE ", "PLACE ", "WHERE ", "REASON ", "RULE "}}
		err := ledger.Quarantine(ctx, a.DB, a.Tenant, c.After, c.Limit, func(h ledger.Held) error {
			t.add(fmt.Sprint(h.ID), names.Name(h.Table), h.Place, h.Path, h.Reason, h.Rule)
			return nil
		})
		if err != nil {
			return err
		}
		if len(t.rows) == 0 {
			sayf(s.Out, "Nothing is in quarantine.")
			return nil
		}
		t.print(s.Out)
		return nil
	})
}

func lookAtBooks(ctx context.Context, p Place, look func(*Tenancy, *crosswalk.Names) error) error {
	a, err := readAt(ctx, p)
	if err != nil {
		return err
	}
	defer a.Close()
	if made, err := ledger.Exists(ctx, a.DB); err != nil || !made {
		return errorOr(err, fault.New(fault.Unknown, "nothing has been moved yet"))
	}
	names, err := crosswalk.LoadNames(ctx, a.DB, a.Tenant)
	if err != nil {
		return err
	}
	return look(a, names)
}

func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

type quarantineShow struct {
	noOrigin
	Place
	Number int64 `arg:"" help:"Its number, as ficus migrate quarantine list shows it."`
	Reveal bool  `help:"Show the row as the source gave it. This is patient data, and on record."`
}

// Run shows one row. With --reveal that is audited, so the database must be free to be written.
func (c *quarantineShow) Run(ctx context.Context, s *Streams) error {
	if !c.Reveal {
		return lookAtBooks(ctx, c.Place, func(a *Tenancy, names *crosswalk.Names) error {
			_, _, err := a.showHeld(ctx, s.Out, names, c.Number)
			return err
		})
	}
	if err := mustExist(ctx, c.Database); err != nil {
		return err
	}
	a, err := openMoving(ctx, c.Place)
	if err != nil {
		return err
	}
	defer a.Close()
	names, err := crosswalk.LoadNames(ctx, a.DB, a.Tenant)
	if err != nil {
		return err
	}
	h, key, err := a.showHeld(ctx, s.Out, names, c.Number)
	if err != nil {
		return err
	}
	return a.reveal(ctx, s.Out, names.Name(h.Table), key, h)
}

// showHeld prints what is known of a row in quarantine, and finds its key in full.
func (a *Tenancy) showHeld(ctx context.Context, w io.Writer, names *crosswalk.Names, number int64) (h ledger.Held, key []byte, err error) {
	err = ledger.Quarantine(ctx, a.DB, a.Tenant, number-1, 1, func(x ledger.Held) error {
		h = x
		return nil
	})
	if err == nil && h.ID != number {
		err = fault.New(fault.Unknown, "nothing in quarantine has the number %d", number)
	}
	if err != nil {
		return h, nil, err
	}
	err = a.DB.Read(ctx, func(tx db.Tx) error {
		return ledger.Of(ctx, tx, a.Tenant, h.Table, [][]byte{h.Key}, func(_ int, r ledger.Row) error {
			key = r.Source()
			return nil
		})
	})
	sayf(w, "Number   %d\nTable    %s\nPlace    %s\nMap      %s (%s)\nRule     %s\nWhere    %s\nReason   %s\nSince    run %d, %s", h.ID, names.Name(h.Table), h.Place,
		names.Name(h.Map), short(h.Mapping), h.Rule, h.Path, h.Reason, h.Run, h.At.Format("2006-01-02 15:04:05 MST"))
	return h, key, err
}

// reveal prints the image of a row, once it is on record that it was asked for.
func (a *Tenancy) reveal(ctx context.Context, w io.Writer, table string, key []byte, h ledger.Held) error {
	sealer, err := a.Vault.Sealer(ctx, a.Tenant)
	if err != nil {
		return err
	}
	f, err := ledger.OpenImage(sealer, a.Tenant, table, key, h.Image)
	if err != nil {
		return err
	}
	e := audit.Of(a.operator(), "reveal", a.Now())
	e.Detail = fmt.Sprintf("quarantine %d of table %s", h.ID, table)
	if err := a.Audit.Record(ctx, e); err != nil {
		return err
	}
	printImage(w, f.Root)
	for _, child := range f.Children {
		printImage(w, child)
	}
	return nil
}

func printImage(w io.Writer, i ledger.Image) {
	sayf(w, "\n%s", i.Table)
	for n, c := range i.Cells {
		sayf(w, "  %s: %s", i.Columns[n], cellText(c))
	}
}

// cellText is a cell for people.
func cellText(c source.Cell) string {
	switch c.State {
	case source.Absent:
		return "(not given)"
	case source.Null:
		return "NULL"
	case source.Damaged:
		return fmt.Sprintf("%q (damaged: %x)", c.Bytes, c.Raw)
	}
	return fmt.Sprintf("%q", c.Bytes)
}

type quarantineRetry struct {
	origin
	site
	Numbers []int64 `arg:"" optional:"" help:"Their numbers; none: all."`
}

// Help is shown by --help.
func (c *quarantineRetry) Help() string {
	return `The rows are read again from the dump that was moved last, and mapped with the pack as it is now. Rows that were mended in a newer dump are taken by ficus migrate run, with everything else that changed in it; another dump is refused here.`
}

// Run tries again.
func (c *quarantineRetry) Run(ctx context.Context, s *Streams) error {
	if err := mustExist(ctx, c.Database); err != nil {
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
	release, err := a.alone(ctx, l.name, false)
	if err != nil {
		return err
	}
	defer release()
	m, err := a.mover(ctx, l, &migrateRun{}, nil)
	if err != nil {
		return err
	}
	res, err := m.Retry(ctx, c.Numbers)
	if err != nil {
		return err
	}
	sayf(s.Out, "%s taken, %d still in quarantine%s, %d no longer in the source, %d without a root (the next run looks at them)", count(res.Taken),
		len(res.Held), numbered(res.Held), len(res.Absent), len(res.Orphan))
	if res.Remapped {
		sayf(s.Out, "The pack is not the one of the last run: before you verify, run again with it. What does not change is not written.")
	}
	return nil
}

func numbered(ids []int64) string {
	if len(ids) == 0 || len(ids) > 20 {
		return ""
	}
	return " (" + strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ", "), "[]") + ")"
}
