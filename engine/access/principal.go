package access

// Principal is who asks: one caller within one tenant, for one request. It is a value that is passed along as an
// argument, never hidden in a context.
type Principal struct {
	Tenant    int32
	Subject   string // stable id of the user or client, for example "client/nightly-load"
	Name      string // for people who read the audit; may be empty
	Client    string // the program through which the subject asks
	Purpose   string // why: a code of http://terminology.hl7.org/CodeSystem/v3-ActReason, for example "TREAT"; may be empty
	Address   string // network address, without the port; may be empty
	Agent     string // the program, as it names itself (User-Agent); may be empty, and nobody vouches for it
	RequestID string // joins audit, log and answer
	Scopes    Scopes
	Roles     Roles  // what a person who signed in may do by the roles that he holds
	Grant     string // id of the session by which he signed in; empty: there is none that is good for anything
	System    bool   // Ficus itself (migration, jobs): every scope; still one tenant and still audited

	Patient      string // id of the patient in the context of the launch: whom scopes of the level patient are about; empty: they grant nothing
	Person       string // the resource that stands for the person who signed in, for example "Practitioner/7"; empty: none does
	Department   string // id of the Organization in which he works; empty: none is known
	Organization string // id of the Organization to which that belongs; empty: none is known
	Clearance    string // highest code of http://terminology.hl7.org/CodeSystem/v3-Confidentiality that he may see; empty: labels do not matter
}

// Inside is the principal of Ficus's own work for one tenant. name says what works, for example "migration".
func Inside(tenant int32, name string) Principal {
	return Principal{Tenant: tenant, Subject: "ficus/" + name, Name: name, Client: "ficus", System: true}
}
