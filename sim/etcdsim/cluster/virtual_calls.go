package cluster

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"quorumlab/sim/etcdsim/cluster/apart"
)

// inOrder lets requests of clients in that arrive at one instant, as those do that waited for one connection, one after
// the other: gRPC serves each in a goroutine of its own.
func inOrder(o *apart.Turns) grpc.ServerOption {
	return grpc.ChainUnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo,
		handle grpc.UnaryHandler) (any, error) {
		var data []byte
		if m, ok := req.(proto.Message); ok {
			data, _ = proto.MarshalOptions{Deterministic: true}.Marshal(m) // it came as bytes
		}
		o.Await(data)
		return handle(ctx, req)
	})
}
