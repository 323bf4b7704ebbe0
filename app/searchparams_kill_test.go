package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
)

// TestKilledIndex kills ficus admin searchparams --run at random moments, lets it end at last, and wants the whole index.
func TestKilledIndex(t *testing.T) {
	if args := os.Getenv(killArgs); args != "" {
		os.Exit(Run(t.Context(), strings.Split(args, "\n"), Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
	}
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		d := Place{Database: Database{DB: url, KeyFile: filepath.Join(t.TempDir(), "key")}}
		with := func(do func(*Tenancy) error) {
			t.Helper()
			if err := administer(t.Context(), d, do); err != nil {
				t.Fatal(err)
			}
		}
		with(func(a *Tenancy) error { return many(a, 6000) })
		for range 4 {
			killedOnce(t, d, time.Duration(rand.Int64N(int64(5*time.Second))), "admin", "searchparams", "--run")
		}
		killedOnce(t, d, 2*time.Minute, "admin", "searchparams", "--run")
		with(func(a *Tenancy) error {
			list, err := a.Store.OwnParams(t.Context(), a.Tenant)
			if err != nil || len(list) != 1 || list[0].State != store.Whole || list[0].Done != 6000 || list[0].Total != 6000 {
				t.Errorf("%+v %v", list, err)
			}
			report, err := a.Store.CheckIndex(t.Context(), a.Tenant, 0, 0)
			if len(report.Faults) > 0 {
				t.Errorf("%+v", report.Faults[:1])
			}
			return err
		})
	})
}

// many writes patients, and then a definition.
func many(a *Tenancy, n int) error {
	desk := a.Store.As(a.operator())
	for from := 0; from < n; from += 500 {
		err := desk.Write(context.Background(), func(c *store.Change) error {
			for i := from; i < from+500; i++ {
				r, err := fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Patient","id":"p%d","birthDate":"19%02d"}`, i, i%100), fhir.Limits{})
				if err != nil {
					return err
				}
				c.Update(r)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	r, err := fhir.Parse([]byte(`{"resourceType":"SearchParameter","id":"born","url":"http://x.test/born","name":"Born","status":"active","description":"x","code":"born","type":"date","base":["Patient"],"expression":"Patient.birthDate"}`), fhir.Limits{})
	if err == nil {
		_, err = desk.Update(context.Background(), r)
	}
	return err
}

// killedOnce runs a command, and kills it after a while.
func killedOnce(t *testing.T, d Place, after time.Duration, args ...string) {
	t.Helper()
	args = append(args, "--db", d.DB, "--key-file", d.KeyFile)
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledIndex$")
	cmd.Env = append(os.Environ(), killArgs+"="+strings.Join(args, "\n"))
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Fatalf("%v: %s", err, out.String())
		}
	case <-time.After(after):
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-ended
	}
}
