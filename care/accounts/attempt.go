package accounts

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// An attempt is counted as failed before it is made, and the count is taken back when it succeeds: so of many that are made
// at the same time no more get through than of those in turn.

// limit says when who failed has to wait.
type limit struct {
	free int           // attempts that need not wait
	most time.Duration // longest wait
}

var (
	hard = limit{free: 4, most: 15 * time.Minute} // of a login on one device, and of everything else that one person tries
	soft = limit{free: 20, most: 5 * time.Minute} // of a login on all devices on which it never succeeded
)

// after is how long the next attempt has to wait: one second, and twice as long each time.
func (l limit) after(failed int) time.Duration {
	if failed <= l.free {
		return 0
	}
	return min(l.most, time.Second<<min(failed-l.free-1, 20))
}

// forgotten is after what time without an attempt the failed ones count no more.
const forgotten = 24 * time.Hour

var attempts = struct{ claim, hold, look, succeed db.Text }{
	claim: db.Same(`INSERT INTO accounts_attempt (tenant, who, failed, last, until) VALUES ($1, $2, 1, $3, 0)
		ON CONFLICT (tenant, who) DO UPDATE SET last = $3,
			failed = CASE WHEN accounts_attempt.last < $4 THEN 1 ELSE accounts_attempt.failed + 1 END,
			until = CASE WHEN accounts_attempt.last < $4 THEN 0 ELSE accounts_attempt.until END
		WHERE accounts_attempt.until <= $3 OR accounts_attempt.last < $4 RETURNING failed, succeeded`),
	hold:    db.Same(`UPDATE accounts_attempt SET until = $3 WHERE tenant = $1 AND who = $2`),
	look:    db.Same(`SELECT until FROM accounts_attempt WHERE tenant = $1 AND who = $2`),
	succeed: db.Same(`UPDATE accounts_attempt SET failed = 0, until = 0, succeeded = $3 WHERE tenant = $1 AND who = $2`),
}

// keyed is a hash of these words under a key of the tenant: people type all kinds of things where a login is asked for. The
// first call for a tenant must not stand inside a transaction.
func (a *Accounts) keyed(ctx context.Context, tenant int32, words ...string) ([]byte, error) {
	s, err := a.o.Vault.Sealer(ctx, tenant)
	if err != nil {
		return nil, err
	}
	key := s.Derive("accounts")
	mac := hmac.New(sha256.New, key[:])
	for _, w := range words {
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(w))))
		mac.Write([]byte(w))
	}
	return mac.Sum(nil), nil
}

// claimed is an attempt that was counted.
type claimed struct {
	known bool          // one succeeded before
	wait  time.Duration // what the next one has to wait
}

// claim counts an attempt; those before freed count no more. Fault: TooMany, with the seconds to wait, if it is too early.
func (a *Accounts) claim(ctx context.Context, t db.Tx, tenant int32, who []byte, l limit, freed int64) (c claimed, err error) {
	now, failed := a.o.Now(), 0
	args := []any{tenant, who, now.UnixMicro(), max(freed, now.Add(-forgotten).UnixMicro())}
	err = t.Query(ctx, attempts.claim, args, func(r db.Row) error {
		failed, c.known = int(r.Int64(0)), !r.IsNull(1)
		return nil
	})
	switch c.wait = l.after(failed); {
	case err != nil:
		return c, err
	case failed == 0:
		return c, a.early(ctx, t, tenant, who)
	case c.wait > 0:
		_, err = t.Exec(ctx, attempts.hold, tenant, who, now.Add(c.wait).UnixMicro())
	}
	return c, err
}

func (a *Accounts) early(ctx context.Context, t db.Tx, tenant int32, who []byte) error {
	var until time.Time
	err := t.Query(ctx, attempts.look, []any{tenant, who}, func(r db.Row) error {
		until = instant(r, 0)
		return nil
	})
	if err != nil {
		return err
	}
	wait := max(1, int((until.Sub(a.o.Now())+time.Second-1)/time.Second))
	f := fault.New(fault.TooMany, "too many attempts have failed; try again in %d seconds", wait)
	f.Wait = time.Duration(wait) * time.Second
	return f
}

// try counts an attempt of one kind by one person. Faults: TooMany.
func (a *Accounts) try(ctx context.Context, tenant int32, who []byte) error {
	return a.d.Write(ctx, func(t db.Tx) error {
		_, err := a.claim(ctx, t, tenant, who, hard, 0)
		return err
	})
}

// succeed takes back what was counted as failed.
func (a *Accounts) succeed(ctx context.Context, t db.Tx, tenant int32, whos ...[]byte) error {
	for _, who := range whos {
		if _, err := t.Exec(ctx, attempts.succeed, tenant, who, a.o.Now().UnixMicro()); err != nil {
			return err
		}
	}
	return nil
}
