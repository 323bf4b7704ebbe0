package synth

// table is one table of the dump: what OpalDB declares, and who fills it.
type table struct {
	database, name string
	covered        bool // by the Opal pack
	columns, keys  []string
	options        string // behind the character set
	given          string // list of columns in INSERT, if it is written
	history        bool   // old versions are dumped, too
	behind         string // what stands behind the rows: triggers
	fill           func(*generator)
}

const (
	serial     = "int(11) NOT NULL AUTO_INCREMENT"
	number     = "int(11) NOT NULL"
	numberNull = "int(11) DEFAULT NULL"
	moment     = "datetime NOT NULL"
	updated    = "`LastUpdated` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()"
	session    = "`SessionId` varchar(255) DEFAULT NULL"
	byUser     = "`LastUpdatedBy` int(11) DEFAULT NULL"
	sent       = "`LastTransferred` datetime NOT NULL DEFAULT '2000-01-01 00:00:00'"
)

// tables are the tables of the dump in its order: by database, by name.
func tables() []*table {
	list := append(accountTables(), careTables()...)
	list = append(list, labTables()...)
	for _, t := range list {
		t.database, t.covered = "OpalDB", true
	}
	return sorted(append(list, otherTables()...))
}

func key(column string) string { return "PRIMARY KEY (`" + column + "`)" }
