// Package relay is a forward proxy on this machine whose requests are paced jobs.
// What any tool or browser sends to it goes out through the endpoint, in a session,
// at its slot. There is no other way out.
//
// [New] makes a [Server] of a [Config]; [Server.Serve] answers the connections of a
// listener. Inside a CONNECT it answers TLS as the target, with certificates of the
// Config's Authority, which [CA] makes. [KindOf] and [Rules] say what goes in the session. Pacing,
// replacement of sessions and repetition are those of [smp/client/paced]; the relay
// adds the order in which the requests of one session are sent.
//
// The package prints nothing; [Config.Finished] is told of every request.
package relay
