package app

import (
	"context"
	"fmt"
	"math"

	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/engine/store"
)

type adminIndex struct {
	Check  adminIndexCheck  `cmd:"" help:"Say which resources have index rows that are missing or too many."`
	Repair adminIndexRepair `cmd:"" help:"Add the index rows that are missing, and remove those that are too many."`
	Status adminIndexStatus `cmd:"" help:"Say whether the index has the form of this version, or how far the server is with it."`
}

// indexed is what the commands on the index need: index rows depend on which references are to the server's own resources.
type indexed struct {
	site
	List int `help:"Resources to be listed; all are counted." default:"100"`
}

type adminIndexCheck struct{ indexed }

// Help is shown by --help.
func (c *adminIndexCheck) Help() string {
	return `The rows are computed anew from what is stored and compared with those of the index. It only looks, so that it can be asked beside a server, and what others write meanwhile is no fault. The exit code is 1 if there is a fault: then searches may miss something, or find it wrongly; ficus admin index repair mends that.`
}

// Run compares and lists.
func (c *adminIndexCheck) Run(ctx context.Context, s *Streams) error {
	a, err := readAt(ctx, c.Place)
	if err != nil {
		return err
	}
	defer a.Close()
	st, err := store.OpenReading(ctx, a.DB, store.Options{Vault: a.Vault, Base: c.ownBase(), Log: a.Log})
	if err != nil {
		return err
	}
	list := faultList{most: c.List}
	checked, damaged := 0, 0
	for after := int64(math.MinInt64); after != math.MaxInt64; {
		report, err := st.CheckIndex(ctx, a.Tenant, after, checkedAtOnce)
		if err != nil {
			return err
		}
		for _, f := range report.Faults {
			list.add(f)
		}
		checked, damaged, after = checked+report.Checked, damaged+len(report.Damaged), report.Last
	}
	list.print(s)
	sayf(s.Out, "%s resources compared", count(int64(checked)))
	if damaged > 0 {
		sayf(s.Out, "%s resources cannot be opened, so their rows were not compared: see ficus migrate verify, or a backup", count(int64(damaged)))
	}
	if list.resources > 0 {
		return unfit("the index rows of %s resources are not as they should be: ficus admin index repair mends them", count(int64(list.resources)))
	}
	return nil
}

// checkedAtOnce is how many resources one reading of the index tables takes at most.
const checkedAtOnce = 1_000_000

type adminIndexRepair struct{ indexed }

// Help is shown by --help.
func (c *adminIndexRepair) Help() string {
	return `All resources are looked at. What is wrong is repaired in short transactions, so a server can go on serving; with SQLite, whose file one process holds, stop the server first. Killed, it is started again. A server repairs by itself what an older version has left, after it was updated: see ficus admin index status.`
}

// Run repairs, and says what it did.
func (c *adminIndexRepair) Run(ctx context.Context, s *Streams) error {
	if err := mustExist(ctx, c.Database); err != nil {
		return err
	}
	a, err := openAt(ctx, c.site)
	if err != nil {
		return err
	}
	defer a.Close()
	bar := newBar(s, "comparing", "resources")
	list := faultList{most: c.List}
	done, err := a.Store.RepairIndex(ctx, a.Tenant, func(done, total int64, f *store.IndexFault) {
		if bar.set(done, total); f != nil {
			list.add(*f)
		}
	})
	bar.end()
	list.print(s)
	sayf(s.Out, "%s resources compared, %s repaired: %s rows added, %s removed", count(done.Checked), count(done.Resources), count(done.Missing), count(done.Extra))
	if done.Unused > 0 {
		sayf(s.Out, "%s strings, labels and units removed that no resource has any more", count(done.Unused))
	}
	if err == nil && done.Damaged > 0 {
		err = unfit("%s resources cannot be opened, so their rows were left as they are: see ficus migrate verify, or a backup", count(done.Damaged))
	}
	return err
}

// faultList prints the first faults as they come, and counts all.
type faultList struct {
	most, resources int
	last            int64
	sheet           *sheet
}

func (l *faultList) add(f store.IndexFault) {
	if l.sheet == nil {
		l.sheet = &sheet{heads: []string{"TABLE", "RESOURCE ", "MISSING", "EXTRA"}}
	}
	if l.resources == 0 || f.RID != l.last {
		l.resources++
	}
	if l.last = f.RID; l.resources > l.most {
		return
	}
	name := f.Type + "/" + f.ID
	if f.Type == "" {
		name = fmt.Sprintf("number %d, which no resource has", f.RID)
	}
	l.sheet.add(f.Table, name, count(int64(f.Missing)), count(int64(f.Extra)))
}

func (l *faultList) print(s *Streams) {
	if l.sheet == nil {
		return
	}
	l.sheet.print(s.Out)
	if more := l.resources - l.most; more > 0 {
		sayf(s.Out, "and %s resources more: --list shows more of them", count(int64(more)))
	}
}

type adminIndexStatus struct{ Place }

// Run looks only.
func (c *adminIndexStatus) Run(ctx context.Context, s *Streams) error {
	a, err := readAt(ctx, c.Place)
	if err != nil {
		return err
	}
	defer a.Close()
	form, err := store.ReadForm(ctx, a.DB, a.Tenant)
	if err != nil {
		return err
	}
	if form.Whole() {
		sayf(s.Out, "the index has the form of this version")
		return nil
	}
	sayf(s.Out, "the index has an older form; the server makes it anew: %s", form.Far())
	job, err := lastRenewal(ctx, jobs.NewQueue(a.DB, a.Now), a.Tenant)
	if err == nil {
		sayf(s.Out, "job: %s", job)
	}
	return err
}

// lastRenewal says what the last job is at that makes the index anew.
func lastRenewal(ctx context.Context, q *jobs.Queue, tenant int32) (string, error) {
	list, err := q.List(ctx, tenant, 0, 1000)
	for _, j := range list {
		switch {
		case j.Kind != store.RenewKind:
		case j.Error != "":
			return string(j.State) + ": " + j.Error, nil
		default:
			return string(j.State), nil
		}
	}
	return "waiting for a server to be started, or for ficus admin index repair", err
}
