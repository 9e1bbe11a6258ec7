#!/usr/bin/python3
"""Inception-ResNet-v1 written a second time, with PyTorch alone: what it computes is what the tests hold the product's to.

    python3 facenet.py > facenet.json        (Debian: python3-torch)

Weights and image come from a hash of the weight's name and the place in it, so that both sides make the same.
"""
import json
import numpy as np
import torch
import torch.nn.functional as F


def hashed(name, count):
    """Numbers in [-0.5, 0.5): FNV-1a of the name, then the finaliser of MurmurHash3 of each place."""
    seed = 2166136261
    for c in name.encode():
        seed = ((seed ^ c) * 16777619) & 0xFFFFFFFF
    h = (np.arange(count, dtype=np.uint64) * 0x9E3779B9 + seed) & 0xFFFFFFFF
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        h ^= h >> shift
        h = (h * factor) & 0xFFFFFFFF
    h ^= h >> 16
    return h.astype(np.float64) / 2**32 - 0.5


class Net:
    def __init__(self):
        self.taps, self.parameters, self.statistics, self.scales = {}, 0, 0, 0

    def weight(self, name, shape):
        fan_in = int(np.prod(shape[1:]))
        values = hashed(name, int(np.prod(shape))) * np.sqrt(12) * np.sqrt(1.5 / fan_in)
        self.parameters += values.size
        return torch.tensor(values.reshape(shape), dtype=torch.float32)

    def vector(self, name, count, around, spread):
        return torch.tensor(around + spread * hashed(name, count), dtype=torch.float32)

    def norm(self, x, name):
        c = x.shape[1]
        self.parameters += 2 * c
        self.scales += c
        self.statistics += 2 * c
        return F.batch_norm(
            x, self.vector(f"{name}.running_mean", c, 0, 0.2), self.vector(f"{name}.running_var", c, 1, 0.5),
            self.vector(f"{name}.weight", c, 1, 0.2), self.vector(f"{name}.bias", c, 0, 0.2), False, 0.1, 0.001)

    def conv(self, x, name, out, kernel, stride=1, padding=0):
        kernel = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        w = self.weight(f"{name}.conv.weight", (out, x.shape[1], *kernel))
        return F.relu(self.norm(F.conv2d(x, w, None, stride, padding), f"{name}.bn"))

    def up(self, x, branches, name, scale):
        mixed = torch.cat(branches, 1)
        w = self.weight(f"{name}.conv2d.weight", (x.shape[1], mixed.shape[1], 1, 1))
        self.parameters += x.shape[1]
        return x + scale * F.conv2d(mixed, w, self.vector(f"{name}.conv2d.bias", x.shape[1], 0, 0.2))

    def tap(self, name, x):
        values = x.flatten().double()
        at = ((hashed(f"tap.{name}", 24) + 0.5) * values.numel()).astype(np.int64)
        self.taps[name] = dict(
            shape=list(x.shape[1:]), mean=values.mean().item(), deviation=values.std(unbiased=False).item(),
            at=at.tolist(), values=[round(values[i].item(), 7) for i in at])
        return x

    def run(self, x, dimensions):
        c = self.conv
        x = c(x, "conv2d_1a", 32, 3, 2)
        x = c(x, "conv2d_2a", 32, 3)
        x = c(x, "conv2d_2b", 64, 3, 1, 1)
        x = F.max_pool2d(x, 3, 2)
        x = c(x, "conv2d_3b", 80, 1)
        x = c(x, "conv2d_4a", 192, 3)
        x = self.tap("stem", c(x, "conv2d_4b", 256, 3, 2))
        for i in range(5):
            n = f"repeat_1.{i}"
            b1 = c(c(x, f"{n}.branch1.0", 32, 1), f"{n}.branch1.1", 32, 3, 1, 1)
            b2 = c(c(c(x, f"{n}.branch2.0", 32, 1), f"{n}.branch2.1", 32, 3, 1, 1), f"{n}.branch2.2", 32, 3, 1, 1)
            x = F.relu(self.up(x, [c(x, f"{n}.branch0", 32, 1), b1, b2], n, 0.17))
            if i == 0:
                self.tap("block35", x)
        b1 = c(c(c(x, "mixed_6a.branch1.0", 192, 1), "mixed_6a.branch1.1", 192, 3, 1, 1), "mixed_6a.branch1.2", 256, 3, 2)
        x = self.tap("mixed_6a", torch.cat([c(x, "mixed_6a.branch0", 384, 3, 2), b1, F.max_pool2d(x, 3, 2)], 1))
        for i in range(10):
            n = f"repeat_2.{i}"
            b1 = c(c(c(x, f"{n}.branch1.0", 128, 1), f"{n}.branch1.1", 128, (1, 7), 1, (0, 3)), f"{n}.branch1.2", 128, (7, 1), 1, (3, 0))
            x = F.relu(self.up(x, [c(x, f"{n}.branch0", 128, 1), b1], n, 0.10))
            if i == 0:
                self.tap("block17", x)
        b0 = c(c(x, "mixed_7a.branch0.0", 256, 1), "mixed_7a.branch0.1", 384, 3, 2)
        b1 = c(c(x, "mixed_7a.branch1.0", 256, 1), "mixed_7a.branch1.1", 256, 3, 2)
        b2 = c(c(c(x, "mixed_7a.branch2.0", 256, 1), "mixed_7a.branch2.1", 256, 3, 1, 1), "mixed_7a.branch2.2", 256, 3, 2)
        x = self.tap("mixed_7a", torch.cat([b0, b1, b2, F.max_pool2d(x, 3, 2)], 1))
        for i in range(6):
            n = "block8" if i == 5 else f"repeat_3.{i}"
            b1 = c(c(c(x, f"{n}.branch1.0", 192, 1), f"{n}.branch1.1", 192, (1, 3), 1, (0, 1)), f"{n}.branch1.2", 192, (3, 1), 1, (1, 0))
            x = self.up(x, [c(x, f"{n}.branch0", 192, 1), b1], n, 1.0 if i == 5 else 0.20)
            if i < 5:
                x = F.relu(x)
            if i == 0:
                self.tap("block8", x)
        x = self.tap("pooled", x.mean((2, 3)))
        x = F.linear(x, self.weight("last_linear.weight", (dimensions, x.shape[1])))
        x = self.norm(x, "last_bn")
        self.tap("embedding", F.normalize(x, p=2, dim=1))


def main():
    image = np.floor((hashed("image", 160 * 160 * 3) + 0.5) * 256).astype(np.float32).reshape(160, 160, 3)
    x = torch.tensor(image).permute(2, 0, 1)[None]
    golden = {}
    for dimensions, standardisation in ((128, "per-image"), (512, "fixed")):
        deviation = torch.clamp(x.std(unbiased=False), min=1 / np.sqrt(x.numel()))
        net = Net()
        with torch.no_grad():
            net.run((x - 127.5) / 128 if standardisation == "fixed" else (x - x.mean()) / deviation, dimensions)
        golden[f"inception-resnet-v1-{dimensions}-{standardisation}"] = dict(
            parameters=net.parameters, scales=net.scales, statistics=net.statistics, taps=net.taps)
    print(json.dumps(golden, indent=1))


main()
