// A copy of a store in another folder, as it is at one time, also while a server writes to it.
//
// The copy is checked page by page and synced before it has its name, and that, and the folder's,
// before the call is done. Errors: kIo, there is a store in the other folder already, or it cannot
// be written or synced; kMalformedFile, the copy is damaged, as the store then is; those of
// OpenStoreDatabase. After an error the other folder may have a file
// store.db.part, which the next backup into it replaces.
//
// Blocks for as long as it takes to copy the database; the server goes on.
#ifndef COTEXT_STORAGE_BACKUP_STORE_H_
#define COTEXT_STORAGE_BACKUP_STORE_H_

#include <string>

#include "document/error.h"

namespace cotext {

Expected<void> BackUpStore(const std::string& folder, const std::string& to_folder);

}  // namespace cotext

#endif  // COTEXT_STORAGE_BACKUP_STORE_H_
