package load

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ficushealth/ficus/fault"
)

// Options says how to load.
type Options struct {
	Jobs     int              // bundles under way at the same time; default 1
	Now      func() time.Time // default time.Now
	Progress func(Progress)   // called after each bundle, from any goroutine but one at a time
	Failed   func(Failure)    // called for each failure once it is final
}

// Progress is how far a load is.
type Progress struct {
	Bytes, Of int64 // of the files as they lie on disk
	Resources int   // stored so far
	Waiting   int   // failed, will be tried again
}

// Failure is an entry that could not be stored.
type Failure struct {
	File  string
	Entry int // from 0; -1: the file as a whole
	Err   error
}

// Run loads the files and folders. An error means that it stopped; entries that
// failed are in the report. Faults: Unknown for a path that does not exist,
// Unauthorized, Unavailable.
func Run(ctx context.Context, paths []string, to Target, o Options) (*Report, error) {
	files, err := find(paths)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	l := &loader{to: to, o: o, report: newReport(), begun: o.Now()}
	for _, f := range files {
		l.report.Files++
		l.of += f.size
	}
	err = errors.Join(l.first(ctx, files), ctx.Err())
	for again := l.failed; err == nil && len(again) > 0; again = l.failed {
		if err = l.again(ctx, again); len(l.failed) >= len(again) {
			break
		}
	}
	l.settle()
	return l.report, err
}

// loader is one load under way.
type loader struct {
	to    Target
	o     Options
	begun time.Time
	of    int64 // bytes
	done  atomic.Int64

	mu     sync.Mutex
	report *Report
	failed []attempt // to be tried again
	held   int       // bytes in failed
}

// maxHeld bounds what is kept to be tried again, in bytes; what fails beyond has failed for good.
const maxHeld = 256 << 20

// attempt is what failed: a transaction as a whole, or one entry of a batch.
type attempt struct {
	parcel
	err error
}

// first sends everything in order.
func (l *loader) first(ctx context.Context, files []file) error {
	group := l.group()
	r := &reader{
		bad:  func(e entry, err error) { l.final(e, err) },
		read: func(n int) { l.done.Add(int64(n)) },
		send: func(p parcel) error {
			if !p.alone {
				group.Go(func() error { return l.send(ctx, p) })
				return ctx.Err()
			}
			err := errors.Join(group.Wait(), l.send(ctx, p))
			group = l.group()
			return err
		},
	}
	return errors.Join(r.all(ctx, files), group.Wait())
}

func (l *loader) group() *errgroup.Group {
	g := &errgroup.Group{}
	g.SetLimit(max(1, l.o.Jobs))
	return g
}

// again sends once more what failed, one after the other.
func (l *loader) again(ctx context.Context, list []attempt) error {
	l.failed, l.held = nil, 0
	for _, a := range list {
		if err := errors.Join(ctx.Err(), l.send(ctx, a.parcel)); err != nil {
			return err
		}
	}
	return nil
}

// send sends one parcel and books the answers. Its error stops the load.
func (l *loader) send(ctx context.Context, p parcel) error {
	answers, err := l.to.Send(ctx, p.transaction, p.bundle())
	if err == nil && len(answers) != len(p.entries) {
		err = fault.New(fault.Internal, "%d entries were sent and %d answered", len(p.entries), len(answers))
	}
	if fault.Is(err, fault.Unauthorized) || fault.Is(err, fault.Unavailable) || ctx.Err() != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.progress()
	if err != nil {
		l.refused(attempt{p, err})
		return nil
	}
	for i, a := range answers {
		if a.Err != nil {
			l.refused(attempt{parcel{entries: p.entries[i : i+1]}, a.Err})
			continue
		}
		l.report.add(p.entries[i].kind, a.Effect)
	}
	return nil
}

// refused keeps what failed for another try, unless that might store something twice.
func (l *loader) refused(a attempt) {
	if inDoubt(a.err) && !a.repeatable() {
		a.err = unknown(a.err)
		l.finish(a)
		return
	}
	if l.held > maxHeld {
		l.finish(a)
		return
	}
	for _, e := range a.entries {
		l.held += len(e.json)
	}
	l.failed = append(l.failed, a)
}

func (l *loader) progress() {
	if l.o.Progress != nil {
		l.o.Progress(Progress{Bytes: l.done.Load(), Of: l.of, Resources: l.report.Stored(), Waiting: len(l.failed)})
	}
}

// settle makes what still fails final.
func (l *loader) settle() {
	for _, a := range l.failed {
		l.finish(a)
	}
	l.report.Bytes, l.report.Took = l.done.Load(), l.o.Now().Sub(l.begun)
}

// finish books a failure for good. A transaction fails as a whole, with the one entry at fault in the text.
func (l *loader) finish(a attempt) {
	for _, e := range a.entries {
		l.report.failed(e.kind)
	}
	l.tell(blamed(a))
}

func (l *loader) final(e entry, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.report.failed(e.kind)
	l.tell(Failure{e.file, e.index, explained(err)})
}

func (l *loader) tell(f Failure) {
	l.report.Failures = append(l.report.Failures, f)
	if l.o.Failed != nil {
		l.o.Failed(f)
	}
}
