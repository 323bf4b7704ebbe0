package app

import (
	"context"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/vault"
)

type adminKeys struct {
	Rotate keysRotate `cmd:"" help:"Wrap all keys of the database under a new installation key."`
}

type keysRotate struct {
	Database
	NewKeyFile string `help:"File of the new installation key; it is made if it is not there." required:"" placeholder:"FILE"`
}

// Help is shown by --help.
func (c *keysRotate) Help() string {
	return `Stop every server of the database first, and start them with the new key file afterwards. All keys are wrapped anew in one transaction: if the command is killed, the old key file still opens the database, and the command is run again with the same files. What is sealed is not touched. Keep the old key as long as there are backups from before.`
}

// Run wraps the keys anew.
func (c *keysRotate) Run(ctx context.Context, s *Streams) error {
	return withKeys(ctx, c.Database, func(a *Tenancy) error {
		to, err := vault.NewKey(c.NewKeyFile)
		if err != nil {
			return err
		}
		n := 0
		err = a.changeKeys(ctx, access.Inside(accounts.First, "admin"), "rewrap", func(ctx context.Context, note func(*db.Pipe)) (err error) {
			n, err = a.Vault.Rewrap(ctx, to, note)
			return err
		})
		if err == nil {
			sayf(s.Out, "%s keys are wrapped under the installation key %s now. Start the servers with --key-file %s, and keep the old key for backups from before.", count(int64(n)), to.ID, c.NewKeyFile)
		}
		return err
	})
}
