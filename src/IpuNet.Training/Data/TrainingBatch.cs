namespace IpuNet.Training.Data;

/// <summary>The faces of one step, as bytes: what the U-Net sees, and what it should have seen.</summary>
/// <param name="Step">The step, counted from 0.</param>
/// <param name="Indices">Which faces of the set.</param>
/// <param name="Inputs">[N, 128, 128, 3]: low-resolution faces, resized bicubically.</param>
/// <param name="Targets">[N, 128, 128, 3]: the aligned faces.</param>
public sealed record TrainingBatch(int Step, int[] Indices, byte[] Inputs, byte[] Targets);
