package app

import (
	"cmp"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/ficushealth/ficus/server/edge"
)

// Database says where the data are and under which key. It is part of every command that opens them.
type Database struct {
	DB         string `name:"db" help:"Database: sqlite:PATH, or postgres://USER:PASSWORD@HOST:PORT/NAME." placeholder:"URL" default:"sqlite:ficus.db"`
	DBConns    int    `name:"db-conns" help:"Connections to PostgreSQL, or reading connections to SQLite; 0 chooses." default:"0"`
	Durability string `help:"When a write counts as done: full (on disk), normal (survives a crash of the program, not a power cut), off (loads that can be repeated)." enum:"full,normal,off" default:"full"`
	KeyFile    string `help:"File of the installation key, made if it does not exist. Empty: beside the SQLite file, or ficus.key. The variable FICUS_KEY, the key itself in base64, wins over it." placeholder:"FILE"`
	Key        string `kong:"-"` // FICUS_KEY: from the environment only, because arguments can be seen by every user of the machine
	Validate   string `name:"validate" help:"What a write must meet: base (the structure and invariants of R4), profiles (also the profiles that a resource claims, extensions and bindings, as far as they are loaded)." enum:"base,profiles" default:"base"`
	OwnParams  int    `name:"own-params" help:"How many search parameters a tenant may define beside those of R4. Each costs every write of its resource types." default:"100"`
	Dangling   bool   `name:"dangling-references" help:"Let references point at what does not exist, as in open data sets; else such writes are refused. A tenant may choose for itself: ficus admin set integrity."`
}

// Config is everything that can be set. Its zero value, completed by WithDefaults, works.
type Config struct {
	Database
	Address

	TLSKey          string         `name:"tls-key" help:"File of the certificate's private key." placeholder:"FILE"`
	RegisterClients bool           `name:"register-clients" help:"Let programs register themselves as clients of OAuth (RFC 7591), who show a token with the scope registration: ficus admin token --scope registration. Else clients are made by ficus admin client."`
	CORS            []edge.Origin  `name:"cors-origin" help:"Origins, such as https://app.example.org, whose pages may ask the FHIR and domain interfaces and for tokens from a browser; several with commas. What is public (discovery, keys) the pages of everybody may read." placeholder:"ORIGIN"`
	Proxies         []edge.Network `name:"proxy" help:"Addresses or networks of proxies before the server, with commas: what they write into X-Forwarded-For is taken for the address of who asks, in the audit and for limits. Without it that is the address of the proxy." placeholder:"NETWORK"`
	Limits          Limits         `embed:"" prefix:"limit-"`
	MaxBody         int64          `help:"Largest request body in bytes, as sent and uncompressed. It may hold one value for each 16 of these bytes." default:"67108864"`
	MaxBodies       int64          `help:"Largest sum of the request bodies that are read and worked on at one time, in bytes; the work takes several times that as memory. A body that finds no room waits, and is refused with 503 when the time of its request is over; one that is compressed or of unknown size is refused at once when it has to grow. One caller has at most half." default:"100663296"`
	Memory          int64          `help:"Memory in bytes that the process tries to stay within, by collecting what is no longer used more often when it comes near; 0: it takes what is quickest. The variable GOMEMLIMIT wins over it." default:"838860800"`
	Timeout         time.Duration  `help:"Longest work on one request." default:"1m"`
	DeleteMany      bool           `help:"Let a conditional delete take several matches at once; else that is refused."`
	Slow            time.Duration  `help:"Database calls that take longer are logged with their plan and without their arguments." default:"1s"`
	StopTime        time.Duration  `help:"How long requests under way may take to end when the server is stopped." default:"20s"`
	AuditCopy       string         `help:"Second database (sqlite:PATH or postgres://...), which gets a copy of each block of the audit." placeholder:"URL"`
	Anchor          string         `name:"audit-anchor" help:"File outside of the database in which the ends of the audit chain are noted, so that cutting it off shows." placeholder:"FILE"`
	LogLevel        string         `help:"Least level that is logged: debug, info (with every request), warn, error." enum:"debug,info,warn,error" default:"info"`
	LogForm         string         `name:"log-format" help:"Form of log lines: text or json." enum:"text,json" default:"text"`
}

// WithDefaults fills what is zero. A switch that is off by its zero value is left as it is.
func (c Config) WithDefaults() Config {
	d := defaults()
	c.Database = c.Database.withDefaults()
	c.Listen, c.LogLevel, c.LogForm = cmp.Or(c.Listen, d.Listen), cmp.Or(c.LogLevel, d.LogLevel), cmp.Or(c.LogForm, d.LogForm)
	c.MaxBody, c.Timeout, c.StopTime = cmp.Or(c.MaxBody, d.MaxBody), cmp.Or(c.Timeout, d.Timeout), cmp.Or(c.StopTime, d.StopTime)
	c.MaxBodies = cmp.Or(c.MaxBodies, d.MaxBodies)
	c.Slow = cmp.Or(c.Slow, d.Slow)
	return c
}

func (d Database) withDefaults() Database {
	d.DB, d.Durability, d.Validate = cmp.Or(d.DB, defaults().DB), cmp.Or(d.Durability, defaults().Durability), cmp.Or(d.Validate, defaults().Validate)
	d.OwnParams = cmp.Or(d.OwnParams, defaults().OwnParams)
	return d
}

// defaults are those in the tags above.
func defaults() (c Config) {
	if err := kong.ApplyDefaults(&c); err != nil {
		panic(err) // a default in this file that cannot be read
	}
	return c
}

// keyFile is where the installation key lies if nobody says.
func (d Database) keyFile() string {
	if d.KeyFile != "" {
		return d.KeyFile
	}
	path, isFile := strings.CutPrefix(d.DB, "sqlite:")
	if !isFile || path == ":memory:" {
		return "ficus.key"
	}
	path, _, _ = strings.Cut(path, "?")
	return strings.TrimSuffix(path, filepath.Ext(path)) + ".key"
}
