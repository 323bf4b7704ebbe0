package app

type migrateCommand struct {
	Plan        migratePlan        `cmd:"" help:"Say what would be moved, and what would not. Writes nothing."`
	Run         migrateRun         `cmd:"" help:"Move what is new or has changed. Can be stopped at any moment and goes on where it was."`
	Status      migrateStatus      `cmd:"" help:"Say what has been moved so far."`
	Verify      migrateVerify      `cmd:"" help:"Compare the store with the source, row by row, and sign what was found."`
	Quarantine  migrateQuarantine  `cmd:"" help:"Look at the rows that could not be moved, and try them again."`
	Lint        migrateLint        `cmd:"" help:"Check a mapping without any data."`
	Certificate migrateCertificate `cmd:"" help:"Check a certificate."`
}
