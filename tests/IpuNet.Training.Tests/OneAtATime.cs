// Torch's random numbers and its count of tensors belong to the whole process: tests that use them must not overlap.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
