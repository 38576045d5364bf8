package io.sluice.registry.store;

import io.sluice.backbone.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Deletes the files of bundles that no revision names any more. Stateless. */
final class BlobCollection {
  /*
   * The row that says "delete this" is written together with the deletion of the revision, and goes
   * after the file has gone: whoever dies in between leaves the row, and the next collection ends
   * what was begun. All of it is one change of the ledger, so no revision appears between the look
   * for one and the deletion; a bundle on its way in, whose revision is still to come, is pinned
   * before anybody looks for its file, and stays.
   */
  private BlobCollection() {}

  static CollectedBundles collect(TaskLedger ledger, BlobDirectory blobs, BlobPins pins)
      throws IOException {
    List<Digest> garbage = ledger.garbage();
    if (garbage.isEmpty()) {
      return new CollectedBundles(List.of(), 0);
    }
    return ledger.change(
        tasks -> {
          List<Digest> deleted = new ArrayList<>();
          long[] sizeBytes = new long[1];
          for (Digest digest : garbage) {
            if (tasks.isReferenced(digest)) {
              tasks.collected(digest);
            } else if (pins.deleteUnlessPinned(
                digest, () -> sizeBytes[0] += blobs.delete(digest))) {
              tasks.deleted(digest);
              deleted.add(digest);
            }
          }
          return new CollectedBundles(deleted, sizeBytes[0]);
        });
  }
}
