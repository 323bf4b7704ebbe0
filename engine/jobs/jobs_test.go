package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/fault"
)

// quick are options under which a story takes milliseconds.
func quick() jobs.Options {
	return jobs.Options{
		Lease: 2 * time.Second, Beat: 10 * time.Millisecond, Poll: 10 * time.Millisecond,
		Backoff: func(int) time.Duration { return time.Millisecond },
		Log:     slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

func TestAJobRunsAfterTheCommit(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB, q *jobs.Queue) {
		got := make(chan string, 2)
		o := quick()
		o.Poll = time.Hour // only the commit wakes the runner
		run(t, q, o, jobs.Kind{Name: "greet", Do: func(_ context.Context, j *jobs.Job) error {
			got <- fmt.Sprint(j.Tenant, " ", string(j.Payload))
			return nil
		}})
		undone := errors.New("undone")
		err := d.Write(t.Context(), func(tx db.Tx) error {
			if _, err := q.Enqueue(t.Context(), tx, jobs.Order{Tenant: 1, Kind: "greet", Payload: []byte("never")}); err != nil {
				return err
			}
			return undone
		})
		if err != undone {
			t.Fatal(err)
		}
		id := enqueue(t, d, q, jobs.Order{Tenant: 7, Kind: "greet", Payload: []byte("hello")})
		if s := <-got; s != "7 hello" {
			t.Errorf("got %q", s)
		}
		s := await(t, q, 7, id, jobs.Done)
		if s.Created.IsZero() || s.Started.Before(s.Created) || s.Finished.Before(s.Started) || s.Error != "" {
			t.Errorf("status %+v", s)
		}
		if list, err := q.List(t.Context(), 1, 0, 10); err != nil || len(list) != 0 {
			t.Errorf("the job of the undone transaction: %v, %v", list, err)
		}
	})
}

func TestAFailingJobIsTriedAgainAndGivenUp(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB, q *jobs.Queue) {
		var tries, finals atomic.Int32
		run(t, q, quick(),
			jobs.Kind{Name: "never", Do: func(context.Context, *jobs.Job) error {
				if tries.Add(1) == 2 {
					panic("in the job")
				}
				return fault.New(fault.Unavailable, "try later")
			}},
			jobs.Kind{Name: "final", Do: func(context.Context, *jobs.Job) error {
				finals.Add(1)
				return fmt.Errorf("wrapped: %w", jobs.Final(errors.New("no use")))
			}},
			jobs.Kind{Name: "third", Do: func(_ context.Context, j *jobs.Job) error {
				if j.Progress(1, 0, "once more"); tries.Load() < 3 {
					return errors.New("not yet")
				}
				return nil
			}})
		never := enqueue(t, d, q, jobs.Order{Tenant: 1, Kind: "never", Attempts: 3})
		if s := await(t, q, 1, never, jobs.Failed); s.Error != "try later" || tries.Load() != 3 {
			t.Errorf("%d tries, status %+v", tries.Load(), s)
		}
		last := enqueue(t, d, q, jobs.Order{Tenant: 1, Kind: "final"})
		if s := await(t, q, 1, last, jobs.Failed); !strings.Contains(s.Error, "no use") || finals.Load() != 1 {
			t.Errorf("%d tries, status %+v", finals.Load(), s)
		}
		third := enqueue(t, d, q, jobs.Order{Tenant: 1, Kind: "third"})
		await(t, q, 1, third, jobs.Done)

		if err := q.Retry(t.Context(), 1, never); err != nil {
			t.Fatal(err)
		}
		for tries.Load() < 6 {
			time.Sleep(time.Millisecond)
		}
		await(t, q, 1, never, jobs.Failed)
		if err := q.Retry(t.Context(), 1, third); !fault.Is(err, fault.Conflict) {
			t.Errorf("retrying what is done: %v", err)
		}
	})
}

func TestProgressIsSeen(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB, q *jobs.Queue) {
		goOn := make(chan bool)
		run(t, q, quick(), jobs.Kind{Name: "count", Do: func(_ context.Context, j *jobs.Job) error {
			j.Progress(3, 10, "table patient")
			<-goOn
			j.Progress(10, 10, "")
			return nil
		}})
		id := enqueue(t, d, q, jobs.Order{Tenant: 1, Kind: "count"})
		until(t, func() bool {
			s := status(t, q, 1, id)
			return s.State == jobs.Running && s.Done == 3 && s.Total == 10 && s.Note == "table patient"
		})
		close(goOn)
		if s := await(t, q, 1, id, jobs.Done); s.Done != 10 || s.Note != "" {
			t.Errorf("status %+v", s)
		}
	})
}

func TestCancel(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB, q *jobs.Queue) {
		causes := make(chan error, 1)
		run(t, q, quick(), jobs.Kind{Name: "long", Do: func(ctx context.Context, _ *jobs.Job) error {
			<-ctx.Done()
			causes <- context.Cause(ctx)
			return ctx.Err()
		}})
		waiting := enqueue(t, d, q, jobs.Order{Tenant: 1, Kind: "long", At: time.Now().Add(time.Hour)})
		running := enqueue(t, d, q, jobs.Order{Tenant: 1, Kind: "long"})
		await(t, q, 1, running, jobs.Running)
		for _, id := range []int64{waiting, running} {
			if err := q.Cancel(t.Context(), 2, id); !fault.Is(err, fault.Unknown) {
				t.Errorf("another tenant's cancel: %v", err)
			}
			if err := q.Cancel(t.Context(), 1, id); err != nil {
				t.Error(err)
			}
			if s := await(t, q, 1, id, jobs.Cancelled); s.Finished.IsZero() {
				t.Errorf("status %+v", s)
			}
			if err := q.Cancel(t.Context(), 1, id); !fault.Is(err, fault.Conflict) {
				t.Errorf("a second cancel: %v", err)
			}
		}
		if cause := <-causes; cause != jobs.ErrCancelled {
			t.Errorf("cause %v", cause)
		}
		if _, err := q.Status(t.Context(), 1, 1<<40); !fault.Is(err, fault.Unknown) {
			t.Errorf("an unknown job: %v", err)
		}
		if n, err := q.Purge(t.Context(), time.Now().Add(time.Hour)); err != nil || n != 2 {
			t.Errorf("purged %d, %v", n, err)
		}
	})
}

func TestAKeyIsThereOnce(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB, q *jobs.Queue) {
		ids := make([]int64, 8)
		var wait sync.WaitGroup
		for i := range ids {
			wait.Go(func() { ids[i] = enqueue(t, d, q, jobs.Order{Tenant: 1, Kind: "export", Key: "group 5"}) })
		}
		wait.Wait()
		for _, id := range ids {
			if id != ids[0] || id == 0 {
				t.Fatalf("ids %v", ids)
			}
		}
		if other := enqueue(t, d, q, jobs.Order{Tenant: 2, Kind: "export", Key: "group 5"}); other == ids[0] {
			t.Error("two tenants share a job")
		}
		run(t, q, quick(), jobs.Kind{Name: "export", Do: func(context.Context, *jobs.Job) error { return nil }})
		await(t, q, 1, ids[0], jobs.Done)
		if again := enqueue(t, d, q, jobs.Order{Tenant: 1, Kind: "export", Key: "group 5"}); again == ids[0] {
			t.Error("a job that is done still holds its key")
		}
	})
}

func TestPeriodicJobs(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB, q *jobs.Queue) {
		var turns, other atomic.Int32
		tick := jobs.Kind{Name: "tick", Every: 20 * time.Millisecond, Do: func(context.Context, *jobs.Job) error {
			if turns.Add(1) == 2 {
				return jobs.Final(errors.New("this turn fails"))
			}
			return nil
		}}
		stopOne := run(t, q, quick(), tick)
		tick.Do = func(context.Context, *jobs.Job) error {
			other.Add(1)
			return nil
		}
		stopTwo := run(t, q, quick(), tick) // a second process has the same job
		until(t, func() bool { return turns.Load() > 2 && turns.Load()+other.Load() > 6 })
		list, err := q.List(t.Context(), 0, 0, 10)
		if err != nil || len(list) != 1 {
			t.Errorf("periodic jobs in the table: %v, %v", list, err)
		}
		stopOne()
		stopTwo()
		tick.Every = 0
		run(t, q, quick(), tick)
		until(t, func() bool {
			list, err := q.List(t.Context(), 0, 0, 10)
			return err == nil && len(list) == 0
		})
	})
}

func TestRunnersShareTheWork(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB, q *jobs.Queue) {
		const n = 60
		var runs [n]atomic.Int32
		for i := range n {
			enqueue(t, d, q, jobs.Order{Tenant: 1, Kind: "once", Payload: []byte(strconv.Itoa(i))})
		}
		var done atomic.Int32
		for range 4 {
			o := quick()
			o.Workers = 3
			run(t, jobs.NewQueue(d, nil), o, jobs.Kind{Name: "once", Do: func(_ context.Context, j *jobs.Job) error {
				i, err := strconv.Atoi(string(j.Payload))
				runs[i].Add(1)
				done.Add(1)
				return err
			}})
		}
		until(t, func() bool { return done.Load() >= n })
		for i := range runs {
			if got := runs[i].Load(); got != 1 {
				t.Errorf("job %d ran %d times", i, got)
			}
		}
	})
}

func TestStoppingGivesTheJobBack(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB, q *jobs.Queue) {
		stopped := make(chan error, 1)
		started := make(chan bool, 1)
		stop := run(t, q, quick(), jobs.Kind{Name: "long", Do: func(ctx context.Context, _ *jobs.Job) error {
			started <- true
			<-ctx.Done()
			stopped <- context.Cause(ctx)
			return ctx.Err()
		}})
		id := enqueue(t, d, q, jobs.Order{Tenant: 1, Kind: "long", Attempts: 1})
		<-started
		stop()
		if cause := <-stopped; cause != jobs.ErrStopping {
			t.Errorf("cause %v", cause)
		}
		if s := status(t, q, 1, id); s.State != jobs.Waiting || s.Attempt != 0 {
			t.Errorf("status %+v", s)
		}
		run(t, q, quick(), jobs.Kind{Name: "long", Do: func(context.Context, *jobs.Job) error { return nil }})
		await(t, q, 1, id, jobs.Done)
	})
}

// TestALostLeaseIsFenced takes a job over while its first runner hangs without heartbeats, and then lets it go on.
func TestALostLeaseIsFenced(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB, q *jobs.Queue) {
		hung, resume, late := make(chan bool), make(chan bool), make(chan error, 1)
		letGo := sync.OnceFunc(func() { close(resume) })
		o := quick()
		o.Workers = 1 // or it would take its own job over
		o.Lease, o.Beat = 50*time.Millisecond, time.Hour
		run(t, q, o, jobs.Kind{Name: "work", Do: func(ctx context.Context, j *jobs.Job) error {
			close(hung)
			<-resume
			late <- d.Write(ctx, func(tx db.Tx) error { return j.Save(ctx, tx, []byte("from the dead")) })
			return nil
		}})
		t.Cleanup(letGo) // before the runner is waited for, also if the story fails
		id := enqueue(t, d, q, jobs.Order{Tenant: 1, Kind: "work"})
		<-hung
		run(t, jobs.NewQueue(d, nil), quick(), jobs.Kind{Name: "work", Do: func(ctx context.Context, j *jobs.Job) error {
			return d.Write(ctx, func(tx db.Tx) error { return j.Save(ctx, tx, []byte("mine")) })
		}})
		await(t, q, 1, id, jobs.Done)
		letGo()
		if err := <-late; !fault.Is(err, fault.Conflict) {
			t.Errorf("the late checkpoint: %v", err)
		}
		if s := status(t, q, 1, id); s.State != jobs.Done || s.Attempt != 0 {
			t.Errorf("status %+v", s)
		}
	})
}

func TestACheckpointThatWasRolledBackDoesNotCount(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB, q *jobs.Queue) {
		undone := errors.New("undone")
		var seen atomic.Pointer[string]
		run(t, q, quick(), jobs.Kind{Name: "work", Do: func(ctx context.Context, j *jobs.Job) error {
			now := string(j.Checkpoint())
			seen.Store(&now)
			return d.Write(ctx, func(tx db.Tx) error {
				if err := j.Save(ctx, tx, []byte("too early")); err != nil {
					return err
				}
				return undone
			})
		}})
		id := enqueue(t, d, q, jobs.Order{Tenant: 1, Kind: "work", Attempts: 3})
		if s := await(t, q, 1, id, jobs.Failed); s.Attempt != 3 {
			t.Errorf("status %+v", s)
		}
		if *seen.Load() != "" {
			t.Errorf("the last run saw checkpoint %q", *seen.Load())
		}
	})
}

// TestKilledRunner kills a process that counts under checkpoints, again and again, and then lets the count end here.
func TestKilledRunner(t *testing.T) {
	const goal = 300
	if url := os.Getenv("JOBS_TEST_URL"); url != "" {
		d := dbtest.Open(t, url, db.Options{})
		run(t, jobs.NewQueue(d, nil), killable(), counting(d, goal))
		select {}
	}
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		var id int64
		within(t, url, func(d *db.DB, q *jobs.Queue) {
			exec1(t, d, "CREATE TABLE tally (n bigint)")
			exec1(t, d, "INSERT INTO tally VALUES (0)")
			id = enqueue(t, d, q, jobs.Order{Tenant: 1, Kind: "count", Attempts: 2})
		})
		for range 5 {
			runAndKill(t, url)
		}
		within(t, url, func(d *db.DB, q *jobs.Queue) {
			before := tally(t, d)
			run(t, q, killable(), counting(d, goal))
			await(t, q, 1, id, jobs.Done)
			if got := tally(t, d); got != goal || before == 0 {
				t.Errorf("counted %d before the last run, %d in all, want %d", before, got, goal)
			}
		})
	})
}

func killable() jobs.Options {
	o := quick()
	o.Lease = 200 * time.Millisecond
	return o
}

// counting adds one to the tally and to its checkpoint in each transaction.
func counting(d *db.DB, goal int) jobs.Kind {
	return jobs.Kind{Name: "count", Do: func(ctx context.Context, j *jobs.Job) error {
		at, _ := strconv.Atoi(string(j.Checkpoint()))
		for ; at < goal && ctx.Err() == nil; at++ {
			err := d.Write(ctx, func(tx db.Tx) error {
				if _, err := tx.Exec(ctx, db.Same("UPDATE tally SET n = n + 1")); err != nil {
					return err
				}
				return j.Save(ctx, tx, []byte(strconv.Itoa(at+1)))
			})
			if err != nil {
				return err
			}
			time.Sleep(time.Millisecond)
		}
		return ctx.Err()
	}}
}

func runAndKill(t *testing.T, url string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledRunner$")
	cmd.Env = append(os.Environ(), "JOBS_TEST_URL="+url)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond) // long enough to wait for the lease of the one before, and count a little
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
}

func within(t *testing.T, url string, story func(*db.DB, *jobs.Queue)) {
	t.Helper()
	d, err := db.Open(t.Context(), url, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := jobs.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	story(d, jobs.NewQueue(d, nil))
}

func tally(t *testing.T, d *db.DB) (n int64) {
	t.Helper()
	err := d.Query(t.Context(), db.Same("SELECT n FROM tally"), nil, func(r db.Row) error {
		n = r.Int64(0)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func exec1(t *testing.T, d *db.DB, sql string) {
	t.Helper()
	if _, err := d.Exec(t.Context(), db.Same(sql)); err != nil {
		t.Fatal(err)
	}
}

func TestKindsAreChecked(t *testing.T) {
	do := func(context.Context, *jobs.Job) error { return nil }
	for _, kinds := range [][]jobs.Kind{{{Do: do}}, {{Name: "a"}}, {{Name: "a", Do: do}, {Name: "a", Do: do}}} {
		if _, err := jobs.NewRunner(jobs.NewQueue(nil, nil), kinds, jobs.Options{}); !fault.Is(err, fault.Internal) {
			t.Errorf("%v: %v", kinds, err)
		}
	}
}

func both(t *testing.T, story func(t *testing.T, d *db.DB, q *jobs.Queue)) {
	t.Helper()
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		if err := jobs.Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		story(t, d, jobs.NewQueue(d, nil))
	})
}

// run starts a runner and stops it with the test, or when stop is called.
func run(t *testing.T, q *jobs.Queue, o jobs.Options, kinds ...jobs.Kind) (stop func()) {
	t.Helper()
	r, err := jobs.NewRunner(q, kinds, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan bool)
	go func() {
		r.Run(ctx)
		close(ended)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(stop)
	return stop
}

func enqueue(t *testing.T, d *db.DB, q *jobs.Queue, o jobs.Order) (id int64) {
	t.Helper()
	err := d.Write(t.Context(), func(tx db.Tx) (err error) {
		id, err = q.Enqueue(t.Context(), tx, o)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return id
}

func status(t *testing.T, q *jobs.Queue, tenant int32, id int64) jobs.Status {
	t.Helper()
	s, err := q.Status(t.Context(), tenant, id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func await(t *testing.T, q *jobs.Queue, tenant int32, id int64, want jobs.State) (s jobs.Status) {
	t.Helper()
	until(t, func() bool {
		s = status(t, q, tenant, id)
		return s.State == want
	})
	return s
}

func until(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited for 20 s in vain")
		}
	}
}
